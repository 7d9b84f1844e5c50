import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { text as vault } from '../src/features/vault/text';
import { text as servers } from '../src/features/servers/text';
import { text as welcome } from '../src/features/welcome/text';
import { text as shell } from '../src/text';
import { admin, passphrase } from './harness/desk';
import { enter, press, tabTo } from './harness/keyboard';
import { type Language, languages, setLanguage } from './harness/language';
import { by, call, closePage, openPage, texts, title } from './harness/page';
import { type Keyring, Program } from './harness/program';

// Everything here is done with the keyboard alone.
const keys = (page: Page, name: string) => page.keyboard.press(name);

const themeOf = (page: Page) => page.evaluate(() => document.documentElement.dataset['theme']);

async function chooseLook(page: Page, language: Language) {
  setLanguage('en');
  await title(page, welcome.look.title);
  if (language === 'zh-CN') await keys(page, 'ArrowDown'); // the first choice has the focus
  setLanguage(language);
  await title(page, welcome.look.title);
  await tabTo(page, welcome.look.system);
  await keys(page, 'ArrowDown');
  await keys(page, 'ArrowDown'); // before the first has been saved
  await expect.poll(() => themeOf(page)).toBe('dark');
  await keys(page, 'Enter');
}

/** groups are the parts of the recovery key that is shown. */
async function groups(page: Page): Promise<string[]> {
  await title(page, vault.recovery.title);
  return texts(by(page, 'list', vault.recovery.key).locator('code'));
}

async function confirmKey(page: Page, key: string[]) {
  await press(page, vault.recovery.have);
  await title(page, vault.recovery.confirmTitle);
  for (const [n, group] of key.entries()) {
    const box = page.getByLabel(vault.recovery.group(n + 1), { exact: true });
    if (await box.count()) await enter(page, vault.recovery.group(n + 1), group.toLowerCase());
  }
  await keys(page, 'Enter');
}

async function makeServer(page: Page) {
  await title(page, welcome.place.title);
  await keys(page, 'Enter'); // a server of one's own is what is suggested
  await title(page, welcome.own.title);
  expect(await page.getByLabel(welcome.own.username, { exact: true }).inputValue()).toBe(admin.username);
  await enter(page, welcome.own.password, admin.password);
  await keys(page, 'Enter');
  await title(page, welcome.end.ownTitle);
  await press(page, welcome.end.open);
}

async function isOpen(page: Page) {
  await by(page, 'navigation', shell.nav).waitFor();
  const [server] = await call<{ name: string }[]>(page, 'Servers.List');
  await by(page, 'button', servers.switcher.label(server?.name ?? '', servers.state.running)).waitFor();
}

describe.each(languages)('first run in %s', (language) => {
  describe.each<[Keyring, 'keyring' | 'passphrase']>([
    ['open', 'keyring'],
    ['none', 'passphrase'],
  ])('with the keyring %s', (keyring, method) => {
    let program: Program;
    let page: Page;
    let key: string[];

    const openAgain = async () => {
      await closePage(page);
      await program.stop();
      await program.start();
      page = await openPage(program.url);
    };
    const unlock = async () => {
      if (method === 'keyring') return; // opens the vault by itself
      await title(page, vault.lock.title);
      await page.keyboard.type(passphrase);
      await keys(page, 'Enter');
    };

    beforeAll(async () => {
      program = new Program(keyring);
      await program.start();
      page = await openPage(program.url);
    });
    afterAll(async () => {
      await closePage(page);
      await program.remove();
    });

    test('to a vault', async () => {
      await chooseLook(page, language);
      await title(page, vault.protect.title);
      if (method === 'keyring') {
        await keys(page, 'Enter');
      } else {
        await page.getByText(vault.protect.unavailable.vault_keyring_absent).waitFor();
        await enter(page, vault.passphrase, passphrase);
        await keys(page, 'Enter');
      }
      key = await groups(page);
      expect(key).toHaveLength(8);
    });

    test('goes on after the power failed, with the key that was kept', async () => {
      await openAgain();
      setLanguage(language);
      await unlock();
      await title(page, vault.resume.title);
      await enter(page, vault.resume.enter, 'AAAA-BBBB');
      await keys(page, 'Enter');
      await expect.poll(() => page.getByLabel(vault.resume.enter, { exact: true }).getAttribute('aria-invalid')).toBe('true');
      await enter(page, vault.resume.enter, key.join('-'));
      await keys(page, 'Enter');
      await title(page, welcome.place.title);
    });

    test('to an open window with a server, without being asked anything twice', async () => {
      await openAgain();
      setLanguage(language);
      await unlock();
      await makeServer(page);
      await isOpen(page);
      expect(await themeOf(page)).toBe('dark');
    });

    test('and is over at the next start', async () => {
      await openAgain();
      setLanguage(language);
      await unlock();
      await isOpen(page);
    });
  });

  test('without a break', async () => {
    const program = new Program('open');
    try {
      await program.start();
      const page = await openPage(program.url);
      await chooseLook(page, language);
      await title(page, vault.protect.title);
      await keys(page, 'Enter');
      await confirmKey(page, await groups(page));
      await makeServer(page);
      await isOpen(page);
      await closePage(page);
    } finally {
      await program.remove();
    }
  });
});
