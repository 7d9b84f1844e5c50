import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Settings } from '../src/lib/backend/types';
import { text as servers } from '../src/features/servers/text';
import { text as signin } from '../src/features/signin/text';
import { text as vault } from '../src/features/vault/text';
import { text as welcome } from '../src/features/welcome/text';
import { text as ui } from '../src/lib/ui/text';
import { text as shell } from '../src/text';
import { admin, passphrase, useDesk } from './harness/desk';
import { Device } from './harness/device';
import { languages } from './harness/language';
import { look } from './harness/looks';
import { button, by, call, dialog, field, shows, texts, title } from './harness/page';

describe.each(languages)('a vault with a passphrase in %s', (language) => {
  const desk = useDesk({ language, keyring: 'open', vault: 'passphrase', own: true });
  const opened = () => by(desk.page, 'navigation', shell.nav).waitFor();
  const unlock = async (typed: string) => {
    await field(desk.page, vault.passphrase).fill(typed);
    await desk.page.keyboard.press('Enter');
  };
  const toSettings = async () => {
    await desk.page.keyboard.press('Control+,');
    await by(desk.page, 'list', vault.panel.title).waitFor();
  };

  // A toast that is still there when a dialog opens, at 200 %.
  async function toastsLeaveButtonsFree(toast: string) {
    const { page } = desk;
    await page.setViewportSize({ width: 550, height: 380 });
    await button(page, vault.panel.toKeyring).click();
    const sheet = dialog(page, vault.panel.toKeyringTitle);
    await button(sheet, ui.dismiss).focus(); // it stays for as long
    await shows(sheet, toast);
    for (const action of await sheet.locator('footer button').all()) await action.click({ trial: true });
    await button(sheet, ui.dismiss).press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await page.setViewportSize({ width: 1100, height: 760 });
  }

  test('locks at once with everything hidden; the server goes on', async () => {
    const { page } = desk;
    const { http } = await call<{ http: string }>(page, 'Own.Status');
    await page.keyboard.press('Control+l');
    await title(page, vault.lock.title);
    expect(await page.locator('body').innerText()).not.toContain(desk.own.name);
    expect(await (await Device.signIn(http, admin)).isSignedIn()).toBe(true);
  });

  test('stays locked for a wrong passphrase, which is kept to be corrected', async () => {
    const { page } = desk;
    await unlock('wrong horse battery');
    await expect.poll(() => field(page, vault.passphrase).getAttribute('aria-invalid')).toBe('true');
    expect(await field(page, vault.passphrase).inputValue()).toBe('wrong horse battery');
    await unlock(passphrase);
    await opened();
    await button(page, servers.switcher.label(desk.own.name, servers.state.running)).waitFor();
  });

  test('keeps a form that is half filled out of the page until it is open, without passwords', async () => {
    const { page } = desk;
    await call(page, 'SignIn.SignOut', desk.own.id);
    await button(page, shell.signIn).first().click();
    const sheet = dialog(page, signin.title(desk.own.name));
    await field(sheet, signin.username).fill('half-typed');
    await field(sheet, signin.password).fill('canary words');
    await call(page, 'Vault.Lock');
    await title(page, vault.lock.title);
    expect(await page.locator('dialog').count()).toBe(0);
    expect(await page.content()).not.toContain(desk.own.name);
    await unlock(passphrase);
    await sheet.waitFor();
    expect(await sheet.evaluate((e) => e.matches(':modal'))).toBe(true);
    expect(await field(sheet, signin.username).inputValue()).toBe('half-typed');
    expect(await field(sheet, signin.password).inputValue()).toBe('');
    await field(sheet, signin.username).fill(admin.username);
    await field(sheet, signin.password).fill(admin.password);
    await page.keyboard.press('Enter');
    await sheet.waitFor({ state: 'detached' });
  });

  test('opens with the recovery key', async () => {
    const { page } = desk;
    await page.keyboard.press('Control+l');
    await button(page, vault.lock.useRecovery).click();
    await field(page, vault.lock.recoveryKey).fill('AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA');
    await page.keyboard.press('Enter');
    await expect.poll(() => field(page, vault.lock.recoveryKey).getAttribute('aria-invalid')).toBe('true');
    await field(page, vault.lock.recoveryKey).fill(desk.recoveryKey.toLowerCase().replaceAll('-', ' '));
    await page.keyboard.press('Enter');
    await opened();
  });

  test('gets another passphrase', async () => {
    const { page } = desk;
    await toSettings();
    await button(page, vault.panel.changePassphrase).click();
    const sheet = dialog(page, vault.panel.changePassphrase);
    await field(sheet, vault.panel.current).fill(passphrase);
    await field(sheet, vault.newPassphrase).fill('another horse battery');
    await page.keyboard.press('Enter');
    await shows(page, vault.panel.changed);
    await toastsLeaveButtonsFree(vault.panel.changed);
    await page.keyboard.press('Control+l');
    await unlock('another horse battery');
    await opened();
  });

  test('moves to the keyring, and opens by itself from then on', async () => {
    await toSettings();
    await button(desk.page, vault.panel.toKeyring).click();
    const sheet = dialog(desk.page, vault.panel.toKeyringTitle);
    await button(sheet, vault.panel.change).click();
    await shows(desk.page, vault.panel.moved);
    await desk.program.stop();
    await desk.program.start();
    await desk.reopen();
    await opened();
  });

  test('makes a new recovery key, which is confirmed', async () => {
    const { page } = desk;
    await toSettings();
    await button(page, vault.panel.newRecovery).click();
    await button(dialog(page, vault.panel.newRecoveryTitle), vault.panel.make).click();
    const keep = dialog(page, vault.recovery.title);
    const key = await texts(by(keep, 'list', vault.recovery.key).locator('code'));
    await button(keep, vault.recovery.have).click();
    const ask = dialog(page, vault.recovery.confirmTitle);
    await ask.getByRole('textbox').first().fill(key.join('-'));
    await page.keyboard.press('Enter');
    await shows(page, vault.panel.confirmed);
  });
});

describe.each([['en', 'dark'], ['zh-CN', 'light']] as const)('a vault that nobody is at in %s, %s', (language, theme) => {
  const desk = useDesk({ language, theme, vault: 'passphrase', own: true });
  const told = () => desk.page.getByText(shell.locksSoon).filter({ visible: true });

  test('says half a minute before that it locks', { timeout: 120_000 }, async () => {
    const { page } = desk;
    await call(page, 'Settings.Save', { ...(await call<Settings>(page, 'Settings.Get')), lockMinutes: 1 });
    await expect.poll(() => told().count(), { timeout: 60_000, interval: 500 }).toBe(1);
    expect(await look(page, `${language}-${theme}-vault-locks-soon`)).toEqual([]);
  });

  test('and does not if somebody comes, or else does', { timeout: 120_000 }, async () => {
    const { page } = desk;
    if (language === 'en') {
      await page.keyboard.press('Shift');
      await expect.poll(() => told().count()).toBe(0);
      expect((await call<{ state: string }>(page, 'Vault.Status')).state).toBe('unlocked');
    } else {
      await by(page, 'heading', vault.lock.title).waitFor({ timeout: 60_000 });
    }
  });
});

describe.each(languages)('a damaged vault in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring', own: true });
  const file = () => join(desk.program.data, 'vault.db');
  const spoil = async (how: () => void) => {
    await desk.program.stop();
    how();
    await desk.program.start();
    await desk.reopen();
    await title(desk.page, vault.lock.unusableTitle);
  };
  afterEach(() => expect(statSync(desk.program.data).isDirectory()).toBe(true));

  test('goes back to the version before', async () => {
    await spoil(() => truncateSync(file(), 100));
    await button(desk.page, vault.lock.previousDo).click();
    await button(desk.page, vault.lock.unlock).click();
    await by(desk.page, 'navigation', shell.nav).waitFor();
    // Its last change was the sign-in, which is what is lost.
    await button(desk.page, servers.switcher.label(desk.own.name, servers.state.runningOut)).waitFor();
  });

  test('or is set aside with its name typed, and kept', async () => {
    await spoil(() => writeFileSync(file(), 'no vault'));
    const { page } = desk;
    await button(page, vault.lock.asideDo).click();
    const sheet = dialog(page, vault.lock.lostTitle);
    expect(await button(sheet, vault.lock.aside).isDisabled()).toBe(true);
    await field(sheet, ui.typeToConfirm('vault.db')).fill('vault.db');
    await button(sheet, vault.lock.aside).click();
    await title(page, vault.protect.title);
    expect(readdirSync(desk.program.data).filter((name) => name.startsWith('vault.db')).length).toBeGreaterThan(1);
    expect(await call<unknown[]>(page, 'Servers.List')).toHaveLength(1);
    await button(page, welcome.continue).click();
    await title(page, vault.recovery.title);
  });
});
