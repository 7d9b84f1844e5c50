// The page in a browser, and what a person does there.
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { inject } from 'vitest';
import type { Problem } from '../../src/lib/backend/types';

export const openPages = new Set<Page>();

let browser: Browser | undefined;

/** openPage opens the page as a window of that size. */
export async function openPage(url: string, look: { width?: number; height?: number; dark?: boolean } = {}): Promise<Page> {
  browser ??= await chromium.connect(inject('browser'));
  const context = await browser.newContext({
    locale: 'en-US',
    viewport: { width: look.width ?? 1100, height: look.height ?? 760 },
    colorScheme: look.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  openPages.add(page);
  page.on('close', () => openPages.delete(page));
  await page.goto(url);
  await page.waitForSelector('h1');
  return page;
}

export async function closePage(page: Page | undefined) {
  await page?.context().close();
}

/** call asks Go directly, to get to where a test begins. */
export async function call<T>(page: Page, method: `${string}.${string}`, ...values: unknown[]): Promise<T> {
  const [struct = '', name = ''] = method.split('.');
  return page.evaluate(
    async ([s, n, v]) => (await window.go?.app?.[s]?.[n]?.(...v)) as T,
    [struct, name, values] as const,
  );
}

/** problemOf is what Go answers to a call that it refuses. */
export async function problemOf(calling: Promise<unknown>): Promise<Problem> {
  const said = await calling.then(
    () => '',
    (reason: unknown) => (reason instanceof Error ? reason.message : ''),
  );
  const [json] = /\{.*\}/.exec(said) ?? [];
  if (!json) throw new Error(`That was not refused with a problem: ${said}`);
  return JSON.parse(json) as Problem;
}

type Role = Parameters<Page['getByRole']>[0];

/** by finds what has that role and exactly that name. */
export const by = (within: Page | Locator, role: Role, name: string): Locator => within.getByRole(role, { name, exact: true });

export const button = (within: Page | Locator, name: string): Locator => by(within, 'button', name);
export const field = (within: Page | Locator, label: string): Locator => within.getByLabel(label, { exact: true });
export const dialog = (page: Page, title: string): Locator => by(page, 'dialog', title);

/** goTo opens a screen by the sidebar, where a number may stand behind its name. */
export const goTo = (page: Page, screen: string) =>
  page.getByRole('navigation').getByRole('button', { name: new RegExp(`^${screen}`) }).click();

/** texts are what several elements say, once there is one. */
export async function texts(of: Locator): Promise<string[]> {
  await of.first().waitFor();
  return of.allInnerTexts();
}

/** title waits until that is the title of the screen. */
export async function title(page: Page, text: string) {
  await page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor();
}

/** shows waits until that text can be seen. */
export async function shows(within: Page | Locator, text: string | RegExp) {
  await within.getByText(text, { exact: typeof text === 'string' }).filter({ visible: true }).first().waitFor();
}

/** focused is the name of what has the focus, as a screen reader says it. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const now = document.activeElement;
    if (!(now instanceof HTMLElement)) return '';
    const labels = now instanceof HTMLInputElement ? [...(now.labels ?? [])].map((l) => l.innerText) : [];
    const by = now.getAttribute('aria-labelledby')?.split(' ').map((id) => document.getElementById(id)?.innerText ?? '') ?? [];
    return (by.join(' ') || now.ariaLabel || labels.join(' ') || now.innerText).trim();
  });

/** dropPaths says what the program's own window says when files are dropped on it. */
export const dropPaths = (page: Page, paths: string[]) =>
  page.evaluate((all) => (window as unknown as { WailsInvoke: (message: string) => void }).WailsInvoke(`DD:10:10:${all.join('\n')}`), paths);
