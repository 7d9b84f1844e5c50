import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { text as account } from '../src/features/account/text';
import { text as signin } from '../src/features/signin/text';
import { text as ui } from '../src/lib/ui/text';
import { text as shell } from '../src/text';
import { admin, useDesk } from './harness/desk';
import { Device } from './harness/device';
import { Elsewhere } from './harness/elsewhere';
import { languages } from './harness/language';
import { button, by, call, dialog, field, goTo, shows, texts, title } from './harness/page';
import { codeOf } from './harness/totp';

// The button at the foot of the sidebar: a name, and how two-factor stands.
const whoButton = (page: Page, username: string) => page.getByRole('button', { name: new RegExp(`^${username} `) });

describe.each(languages)('the account in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring', own: true });
  const newPassword = 'lantern orchid gravel';
  let secret = '';
  let codes: string[] = [];

  const toAccount = async () => {
    await goTo(desk.page, shell.screens.account);
    await title(desk.page, account.title(admin.username));
  };
  const signOut = async () => {
    await whoButton(desk.page, admin.username).click();
    await by(desk.page, 'menuitem', shell.signOut).click();
    await button(desk.page, shell.signIn).first().click();
    return dialog(desk.page, signin.title(desk.own.name));
  };

  test('changes its password, which signs out every other device', async () => {
    const { page } = desk;
    const { http } = await call<{ http: string }>(page, 'Own.Status');
    const other = await Device.signIn(http, admin);
    await toAccount();
    await button(page, account.password.button).click();
    const sheet = dialog(page, account.password.dialog);
    await field(sheet, account.password.current).fill('not this one');
    await field(sheet, account.password.next).fill(newPassword);
    await page.keyboard.press('Enter');
    await expect.poll(() => field(sheet, account.password.current).getAttribute('aria-invalid')).toBe('true');
    expect(await field(sheet, account.password.next).inputValue()).toBe(newPassword);
    await field(sheet, account.password.current).fill(admin.password);
    await page.keyboard.press('Enter');
    await shows(page, account.password.done);
    expect(await other.isSignedIn()).toBe(false);
    await title(page, account.title(admin.username));
  });

  test('turns on two-factor sign-in, and sees the recovery codes once', async () => {
    const { page } = desk;
    await button(page, account.factor.setUp).click();
    const sheet = dialog(page, account.setup.title);
    await by(sheet, 'img', account.setup.qr).waitFor();
    secret = (await sheet.locator('.key code').innerText()).replaceAll(' ', '');
    await field(sheet, account.setup.code).fill('000000');
    await expect.poll(() => field(sheet, account.setup.code).getAttribute('aria-invalid')).toBe('true');
    await field(sheet, account.setup.code).fill(codeOf(secret, -1)); // whole, so it is taken at once

    const kept = dialog(page, account.codes.title);
    codes = await texts(by(kept, 'list', account.codes.list).locator('code'));
    expect(codes).toHaveLength(10);
    await page.keyboard.press('Escape'); // does not lose them
    expect(await button(kept, account.codes.done).isDisabled()).toBe(true);
    await field(kept, account.codes.kept).check();
    await button(kept, account.codes.done).click();
    await shows(page, account.factor.codesLeft(10));
    await shows(page, account.factor.on);
  });

  test('signs in with a code; a wrong one clears nothing', async () => {
    const { page } = desk;
    const sheet = await signOut();
    await field(sheet, signin.password).fill(newPassword);
    await field(sheet, signin.code).fill('000000');
    await shows(sheet, new RegExp(signin.codeWrong));
    expect(await field(sheet, signin.username).inputValue()).toBe(admin.username);
    expect(await field(sheet, signin.password).inputValue()).toBe(newPassword);
    expect(await field(sheet, signin.code).evaluate((e) => e === document.activeElement)).toBe(true);
    await page.keyboard.type(codeOf(secret)); // over the wrong one, which is selected
    await sheet.waitFor({ state: 'detached' });
    await shows(page, shell.factorOn);
  });

  test('signs in with a recovery code', async () => {
    const { page } = desk;
    const sheet = await signOut();
    await field(sheet, signin.password).fill(newPassword);
    await field(sheet, signin.code).fill(codes[0] ?? '');
    await page.keyboard.press('Enter');
    await sheet.waitFor({ state: 'detached' });
    await toAccount();
    await shows(page, account.factor.codesLeft(9));
  });

  test('turns two-factor off with a proof', async () => {
    const { page } = desk;
    await button(page, account.factor.turnOff).click();
    const sheet = dialog(page, account.turnOff.title);
    await field(sheet, account.proof.code).fill(codes[1] ?? '');
    await button(sheet.locator('footer'), account.turnOff.confirm).click();
    await shows(page, account.turnOff.done);
    await shows(page, account.factor.off);
  });
});

describe.each(languages)('two-factor kept in Latchkey in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring', own: true });
  let entry = '';

  test('is turned on without another app', async () => {
    const { page } = desk;
    await goTo(page, shell.screens.account);
    await button(page, account.factor.setUp).click();
    const sheet = dialog(page, account.setup.title);
    await by(sheet, 'img', account.setup.qr).waitFor();
    await field(sheet, account.setup.keep).check();
    await button(sheet, account.setup.confirm).click();
    const codes = dialog(page, account.codes.title);
    await field(codes, account.codes.kept).check();
    await button(codes, account.codes.done).click();
    await shows(page, account.factor.kept);
    entry = await call<string>(page, 'SignIn.Linked', { id: desk.own.id, username: admin.username });
    await shows(page, account.factor.keptText(entry));
  });

  test('signs in by itself, with the next code where this one was used', { timeout: 90_000 }, async () => {
    const { page } = desk;
    await whoButton(page, admin.username).click();
    await by(page, 'menuitem', shell.signOut).click();
    await button(page, shell.signIn).first().click();
    const sheet = dialog(page, signin.title(desk.own.name));
    await shows(sheet, signin.leaveEmpty(entry));
    await field(sheet, signin.password).fill(admin.password);
    await page.keyboard.press('Enter');
    await sheet.waitFor({ state: 'detached', timeout: 70_000 });
    await shows(page, signin.filledDone(entry));
    await whoButton(page, admin.username).waitFor();
  });

  test('turned off, its code goes to the trash, and comes back from there', { timeout: 90_000 }, async () => {
    const { page } = desk;
    await goTo(page, shell.screens.account);
    await button(page, account.factor.turnOff).click();
    const sheet = dialog(page, account.turnOff.title);
    // The one that has signed in is used, so this may have to be asked again.
    await expect.poll(async () => {
      await button(sheet, account.proof.fill).click();
      return field(sheet, account.proof.code).inputValue();
    }, { timeout: 70_000, interval: 1000 }).toMatch(/^\d{6}$/);
    await button(sheet.locator('footer'), account.turnOff.confirm).click();
    await shows(page, account.turnOff.doneAway);
    expect(await call<string>(page, 'SignIn.Linked', { id: desk.own.id, username: admin.username })).toBe('');
    await button(page, ui.undo).click();
    await expect.poll(() => call<string>(page, 'SignIn.Linked', { id: desk.own.id, username: admin.username })).toBe(entry);
  });
});

describe.each(languages)('signing in elsewhere in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring' });
  const server = new Elsewhere();
  const given = 'a password from the admin';
  beforeAll(async () => {
    await server.start();
    server.command(['user', 'add', 'ann', '--must-change', '--password-stdin'], given);
    server.command(['user', 'add', 'lou', '--password-stdin'], given);
  });
  afterAll(() => server.remove());

  const open = async (username: string) => {
    const { page } = desk;
    const added = await call<{ id: string }>(page, 'Servers.Add', { address: server.address, name: username, fingerprint: '', username });
    await call(page, 'Servers.Select', added.id);
    await desk.reopen();
    await button(desk.page, shell.signIn).first().click();
    return dialog(desk.page, signin.title(username));
  };

  test('whoever must change their password does so in place', async () => {
    const sheet = await open('ann');
    const { page } = desk;
    await field(sheet, signin.password).fill(given);
    await page.keyboard.press('Enter');
    await shows(sheet, signin.mustChange);
    await page.keyboard.type('12345678');
    await page.keyboard.press('Enter');
    await expect.poll(() => field(sheet, signin.next).getAttribute('aria-invalid')).toBe('true');
    await field(sheet, signin.next).fill('one of my own choosing');
    await page.keyboard.press('Enter');
    await sheet.waitFor({ state: 'detached' });
    await whoButton(page, 'ann').waitFor();
  });

  test('too many wrong passwords lock it for a while, which counts down', async () => {
    const sheet = await open('lou');
    const { page } = desk;
    for (const left of [4, 3, 2, 1, 0]) {
      await field(sheet, signin.password).fill(`wrong ${left}`);
      await page.keyboard.press('Enter');
      await shows(sheet, new RegExp(signin.left(left)));
    }
    await page.keyboard.press('Enter');
    await shows(sheet, signin.lockedTitle);
    expect(await button(sheet, signin.submit).isDisabled()).toBe(true);
    const clock = () => sheet.locator('.clock').innerText();
    const before = await clock();
    await expect.poll(clock, { timeout: 5000 }).not.toBe(before);
    expect(await field(sheet, signin.password).inputValue()).toBe('wrong 0');
  });
});
