// Files on a server: brought there by a drop, found, renamed, thrown away and restored, and how that looks.
import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { text as files } from '../src/features/files/text';
import { text as signin } from '../src/features/signin/text';
import type { Folder } from '../src/lib/backend/types';
import { text as ui } from '../src/lib/ui/text';
import { text as shell } from '../src/text';
import { useDesk } from './harness/desk';
import { look, looks, rings } from './harness/looks';
import { button, by, call, dialog, field, focused, goTo, shows, title } from './harness/page';
import { binary } from './harness/places';

describe.each(looks)('a folder with a password in %s, %s', (language, theme) => {
  const desk = useDesk({ language, theme, vault: 'keyring', own: true });
  const cli = (input: string, ...args: string[]) =>
    execFileSync(binary, [...args, '--data', desk.program.data], { env: { PATH: process.env['PATH'] ?? '', HOME: desk.program.home }, input: `${input}\n`, stdio: 'pipe' });
  const open = async (typed: string) => {
    await field(desk.page, files.shut.password).fill(typed);
    await desk.page.keyboard.press('Enter');
  };

  test('asks for it in its place, and shows what is in it', async () => {
    const { page } = desk;
    cli('lantern and oars', 'user', 'add', 'ann', '--password-stdin');
    const letters = join(desk.program.data, 'files', 'ann', 'letters');
    mkdirSync(letters, { recursive: true });
    writeFileSync(join(letters, 'letter.txt'), 'dear');
    cli('seven swans', 'folder', 'password', 'set', '/ann/letters', '--password-stdin');
    await call(page, 'SignIn.SignOut', desk.own.id);
    await button(page, shell.signIn).first().click();
    const sheet = dialog(page, signin.title(desk.own.name));
    await field(sheet, signin.username).fill('ann');
    await field(sheet, signin.password).fill('lantern and oars');
    await page.keyboard.press('Enter');
    await sheet.waitFor({ state: 'detached' });
    await goTo(page, shell.screens.files);
    await page.getByRole('row').filter({ hasText: 'letters' }).dblclick();
    await shows(page, files.shut.title);
    await expect.poll(() => field(page, files.shut.password).evaluate((e) => e === document.activeElement)).toBe(true);
    const found = await look(page, `${language}-${theme}-files-shut`);
    await open('six swans');
    await expect.poll(() => field(page, files.shut.password).getAttribute('aria-invalid')).toBe('true');
    found.push(...(await look(page, `${language}-${theme}-files-shut-wrong`)));
    await open('seven swans');
    await page.getByRole('row').filter({ hasText: 'letter.txt' }).waitFor();
    found.push(...(await look(page, `${language}-${theme}-files-shut-opened`)));
    expect(await page.content()).not.toContain('swans');
    expect(found).toEqual([]);
  });
});

describe.each(looks)('files in %s, %s', (language, theme) => {
  const desk = useDesk({ language, theme, vault: 'keyring', own: true });
  let found: string[] = [];
  const see = async (name: string, menu = false) => found.push(...(await look(desk.page, `${language}-${theme}-files-${name}`, menu)));
  const clean = () => {
    const all = found;
    found = [];
    expect(all).toEqual([]);
  };
  const here = (name: string, content = 'x') => {
    const path = join(desk.program.home, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  const listed = async (path = '/') => (await call<Folder>(desk.page, 'Files.List', { id: desk.own.id, path })).entries.map((e) => e.name);
  const row = (name: string) => desk.page.getByRole('row').filter({ hasText: name }).first();
  const on = async (name: string, keys: string) => {
    await row(name).focus();
    await desk.page.keyboard.press(keys);
  };

  test('begin with an empty folder', async () => {
    const { page } = desk;
    await goTo(page, shell.screens.files);
    await title(page, files.title(desk.own.name));
    await shows(page, files.empty);
    await see('empty');
    clean();
  });

  test('are uploaded by a drop, folders too', async () => {
    const { page } = desk;
    const paths = [here('notes.txt', 'hello'), here('报告 2026.pdf'), here('tree/a/deep.txt', 'deep'), here('تقرير.txt'), here(`${'long '.repeat(40)}.txt`)];
    await drop(page, paths.map((path) => (path.endsWith('deep.txt') ? join(desk.program.home, 'tree') : path)));
    await expect.poll(async () => (await listed()).length, { timeout: 60_000 }).toBe(5);
    await shows(page, files.moving.ended);
    await row('tree').waitFor();
    expect(await listed('/tree/a')).toEqual(['deep.txt']);
    await see('uploaded');
    await button(page, files.moving.clear).click();
    await page.getByText(files.moving.ended).waitFor({ state: 'detached' });
    clean();
  });

  test('ask where a name is taken', async () => {
    const { page } = desk;
    await drop(page, [here('notes.txt', 'another'), here('other.txt')]);
    const asked = dialog(page, files.conflict.title('notes.txt'));
    await asked.waitFor();
    await see('conflict');
    await button(asked, files.conflict.both).click();
    await asked.waitFor({ state: 'detached' });
    await expect.poll(listed, { timeout: 60_000 }).toContain('notes (2).txt');
    await expect.poll(listed, { timeout: 60_000 }).toContain('other.txt');
    clean();
  });

  test('are cancelled on the way', async () => {
    const { page } = desk;
    const large = here('large.bin');
    truncateSync(large, 3_000_000_000);
    await drop(page, [large]);
    await page.getByRole('progressbar', { name: files.moving.progress('large.bin') }).waitFor();
    await see('moving');
    await button(page, files.moving.cancel('large.bin')).click();
    await shows(page, files.moving.cancelled);
    expect(await listed()).not.toContain('large.bin');
    await button(page, files.moving.clear).click();
    clean();
  });

  test('are gone through with the keyboard', async () => {
    const { page } = desk;
    await on('tree', 'Enter');
    await title(page, 'tree');
    await row('a').waitFor();
    await page.keyboard.press('Enter');
    await title(page, 'a');
    await see('deep');
    await page.keyboard.press('Backspace');
    await title(page, 'tree');
    await page.keyboard.press('Backspace');
    await title(page, files.title(desk.own.name));
    await row('other.txt').waitFor(); // before that nothing can be made
    await page.keyboard.press('Control+n');
    const made = dialog(page, files.naming.make);
    await made.waitFor();
    await page.keyboard.type('a/b');
    await page.keyboard.press('Enter');
    await expect.poll(() => field(made, files.naming.name).getAttribute('aria-invalid')).toBe('true');
    await see('name');
    await field(made, files.naming.name).fill('新文件夹');
    await page.keyboard.press('Enter');
    await made.waitFor({ state: 'detached' });
    await row('新文件夹').waitFor();
    await on('other.txt', 'F2');
    await dialog(page, files.naming.rename('other.txt')).waitFor();
    await field(page, files.naming.name).fill('renamed.txt');
    await page.keyboard.press('Enter');
    await row('renamed.txt').waitFor();
    await button(page, files.actions('renamed.txt')).click();
    await see('menu', true);
    await page.keyboard.press('Escape');
    clean();
  });

  test('go to the trash and come back', async () => {
    const { page } = desk;
    await on('notes (2).txt', 'Delete');
    await shows(page, files.removed('notes (2).txt'));
    await button(page, ui.undo).click();
    await row('notes (2).txt').waitFor();
    await on('renamed.txt', ' ');
    await on('tree', ' ');
    await shows(page, files.picked(2));
    await see('picked');
    await page.keyboard.press('Delete');
    await shows(page, files.removedMany(2));
    await expect.poll(listed).not.toContain('tree');
    await button(page, files.more).click();
    await by(page, 'menuitem', files.trash.open).click();
    await title(page, files.trash.count(2));
    await see('trash');
    await button(page, files.trash.restore('tree')).click();
    await shows(page, files.trash.restored('tree'));
    expect(await listed('/tree/a')).toEqual(['deep.txt']);
    await button(page, files.trash.all).click();
    await see('trash-empty');
    await field(page, ui.typeToConfirm(files.trash.allWord(1))).fill(files.trash.allWord(1));
    await page.keyboard.press('Enter');
    await shows(page, files.trash.empty);
    await button(page, files.trash.back).click();
    await row('tree').waitFor();
    found.push(...(await rings(page)));
    clean();
  });

  test('are ten thousand at once', async () => {
    const folder = join(desk.program.data, 'files', 'many');
    mkdirSync(folder);
    execFileSync('sh', ['-c', 'i=0; while [ $i -lt 10000 ]; do : > "$1/file $i"; i=$((i+1)); done', 'sh', folder]);
    const { page } = desk;
    await desk.reopen();
    await goTo(desk.page, shell.screens.files);
    await on('many', 'Enter');
    await row('file 0').waitFor({ timeout: 60_000 });
    expect(await desk.page.getByRole('row').count()).toBeLessThan(200);
    await desk.page.keyboard.press('Control+f');
    await desk.page.keyboard.type('file 9999');
    await title(desk.page, files.found(1, 10_000));
    expect(await focused(desk.page)).toBe(files.filter);
    await see('many');
    clean();
    expect(page).not.toBe(desk.page);
  });
});

/** drop says what the window says when something is dropped on it. */
const drop = (page: Page, paths: string[]) =>
  page.evaluate((all) => (window as unknown as { WailsInvoke: (message: string) => void }).WailsInvoke(`DD:10:10:${all.join('\n')}`), paths);
