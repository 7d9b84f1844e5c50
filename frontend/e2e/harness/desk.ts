// A program with its page in the browser, for the tests of one describe block.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Page } from 'playwright-core';
import type { Server } from '../../src/lib/backend/types';
import { setLanguage, type Language } from './language';
import { text as welcome } from '../../src/features/welcome/text';
import { button, call, closePage, openPage } from './page';
import { type Keyring, Program } from './program';

/** What the program holds when the tests begin. */
export interface Begin {
  language: Language;
  keyring?: Keyring;
  theme?: 'light' | 'dark';
  /** What protects the vault; none: it is not made. */
  vault?: 'keyring' | 'passphrase';
  /** A server of its own, signed in as `admin`. */
  own?: boolean;
  environment?: Record<string, string>;
}

export const admin = { username: 'admin', password: 'battery horse staple' };
export const passphrase = 'correct horse battery';

export interface Desk {
  readonly program: Program;
  readonly page: Page;
  /** Of the vault, where there is one. */
  readonly recoveryKey: string;
  readonly own: Server;
  /** reopen opens the page again, with what the program holds now. */
  reopen: () => Promise<Page>;
}

/** useDesk gives the tests of a block a program and its page. */
export function useDesk(begin: Begin): Desk {
  let program: Program | undefined;
  let page: Page | undefined;
  let recoveryKey = '';
  let own: Server | undefined;

  const reopen = async () => {
    await closePage(page);
    page = await openPage(must(program).url, { dark: begin.theme === 'dark' });
    // With a vault and no server the first run goes on, and can be left there.
    const later = button(page, welcome.place.later);
    if (await later.isVisible()) await later.click();
    return page;
  };

  beforeAll(async () => {
    program = new Program(begin.keyring ?? 'open', begin.environment);
    await program.start();
    setLanguage(begin.language);
    const first = await reopen();
    if (!begin.vault) return;
    await call(first, 'Settings.Save', {
      language: begin.language, theme: begin.theme ?? '', clipboardSeconds: 30, startWithComputer: false, closing: 'ask', nextCode: true, hideCodes: false,
    });
    recoveryKey = await call(first, 'Vault.Create', { method: begin.vault, passphrase: begin.vault === 'passphrase' ? passphrase : '' });
    await call(first, 'Vault.ConfirmRecovery', recoveryKey);
    if (begin.own) own = await call(first, 'Own.Create', { ...admin, folder: '', lan: false });
    await reopen();
  });
  beforeEach(() => setLanguage(begin.language));
  afterAll(async () => {
    await closePage(page);
    await program?.remove();
  });

  return {
    get program() {
      return must(program);
    },
    get page() {
      return must(page);
    },
    get recoveryKey() {
      return recoveryKey;
    },
    get own() {
      return must(own);
    },
    reopen,
  };
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('That is not there in this block of tests.');
  return value;
}
