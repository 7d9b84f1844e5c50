import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CodeBook, Settings } from '../src/lib/backend/types';
import { text as adding } from '../src/features/codes/add/text';
import { text as exporting } from '../src/features/codes/export/text';
import { text as codes } from '../src/features/codes/text';
import { text as palette } from '../src/features/palette/text';
import { text as settings } from '../src/features/settings/text';
import { text as ui } from '../src/lib/ui/text';
import { text as shell } from '../src/text';
import { type Desk, passphrase, useDesk } from './harness/desk';
import { look, looks, rings } from './harness/looks';
import { button, by, call, dialog, field, goTo, shows, title } from './harness/page';
import { binary } from './harness/places';
import { Pretend } from './harness/pretend';
import { codeOf } from './harness/totp';

const secret = 'JBSWY3DPEHPK3PXP';
/** totp is what its QR code says; each service has a secret of its own. */
const totp = (issuer: string, account: string, more = '') => {
  const own = Buffer.from(issuer).toString('hex').replace(/[0189]/g, (d) => ({ 0: 'W', 1: 'X', 8: 'Y', 9: 'Z' })[d] ?? d).toUpperCase();
  return `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(account)}?secret=${issuer === 'GitHub' ? secret : `${own}QQQQQQQQ`}${more}`;
};
const router = 'otpauth://hotp/Router:admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=1';

/** cli runs the command line beside the open window. */
const cli = (desk: Desk, ...args: string[]) =>
  execFileSync(binary, ['otp', ...args, '--data', desk.program.data], {
    env: { PATH: process.env['PATH'] ?? '', HOME: desk.program.home, LATCHKEY_VAULT_PASSPHRASE: passphrase },
    stdio: 'pipe',
  }).toString();
/** add brings codes in by it. */
function add(desk: Desk, ...uris: string[]) {
  const file = join(desk.program.folder, 'codes.txt');
  writeFileSync(file, uris.join('\n'));
  cli(desk, 'import', '--keep-both', '--yes', file);
}
const book = (desk: Desk) => call<CodeBook>(desk.page, 'Codes.List');
const row = (desk: Desk, issuer: string) => desk.page.getByRole('row').filter({ hasText: issuer });
/** digits are those of the code in a row, once there are some. */
async function digits(desk: Desk, issuer: string): Promise<string> {
  const code = row(desk, issuer).locator('.code').first();
  await expect.poll(() => code.innerText()).toMatch(/\d/);
  return (await code.innerText()).replace(/\s/g, '');
}
async function choose(desk: Desk, name: string, item: string) {
  await button(desk.page, codes.actions(name)).click();
  await desk.page.getByRole('menuitem', { name: new RegExp(`^${item}`) }).click();
}
const names = (desk: Desk) => desk.page.locator('[role="row"] .name').allInnerTexts();
const active = (desk: Desk) => desk.page.evaluate(() => document.activeElement?.querySelector(':scope > [role="gridcell"] .name')?.textContent ?? '');
const prefer = async (desk: Desk, change: Partial<Settings>) =>
  call(desk.page, 'Settings.Save', { ...(await call<Settings>(desk.page, 'Settings.Get')), ...change });

describe('codes', () => {
  const desk = useDesk({ language: 'en', vault: 'passphrase' });
  beforeAll(() => goTo(desk.page, shell.screens.codes));

  test('need no server, and begin with one thing to do', async () => {
    await shows(desk.page, codes.emptyTitle);
    expect(await button(desk.page, codes.add).count()).toBe(1);
  });

  test('are those that any authenticator shows', async () => {
    add(desk, totp('GitHub', 'ann@example.org'), totp('Bank', 'ann', '&digits=8&period=60'), router);
    await desk.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await title(desk.page, codes.title(3));
    await expect.poll(async () => (await digits(desk, 'GitHub')) === codeOf(secret)).toBe(true);
    expect(await digits(desk, 'Bank')).toHaveLength(8);
  });

  test('are copied by a click and by Enter; the row says so, and clears it', async () => {
    await row(desk, 'GitHub').getByText('ann@example.org').click();
    const said = row(desk, 'GitHub').getByText(/^Copied, clears in \d+ s$/);
    await said.waitFor();
    await row(desk, 'GitHub').getByRole('button', { name: codes.clearNow }).click();
    await said.waitFor({ state: 'detached' });
    await row(desk, 'Bank').focus();
    await desk.page.keyboard.press('Enter');
    await row(desk, 'Bank').getByText(/^Copied, clears in \d+ s$/).waitFor();
  });

  test('of HOTP are made on demand, and the counter is on the disk', async () => {
    await button(desk.page, codes.makeNext).click();
    expect(await digits(desk, 'Router')).toBe('287082');
    await button(desk.page, codes.nextOf('Router (admin)')).click();
    await expect.poll(() => digits(desk, 'Router')).toBe('359152');
    expect(cli(desk, 'code', 'Router')).toContain('969429');
    await button(desk.page, codes.nextOf('Router (admin)')).click();
    await expect.poll(() => digits(desk, 'Router')).toBe('338314');
  });

  test('are found, ordered, deleted and brought back without a mouse', async () => {
    const { page } = desk;
    await page.keyboard.press('Control+f');
    await page.keyboard.type('bank');
    await title(page, codes.titleFound(1, 3));
    await page.keyboard.press('Escape');
    await title(page, codes.title(3));
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => active(desk)).toBe('GitHub');
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(() => names(desk)).toEqual(['Bank', 'GitHub', 'Router']);
    await expect.poll(() => active(desk)).toBe('GitHub');
    await expect.poll(async () => (await book(desk)).entries.map((e) => e.issuer)).toEqual(['Bank', 'GitHub', 'Router']);
    await page.keyboard.press('Delete');
    await title(page, codes.title(2));
    await expect.poll(() => active(desk)).toBe('Router');
    await button(page, ui.undo).click();
    await title(page, codes.title(3));
    expect(await names(desk)).toEqual(['Bank', 'GitHub', 'Router']);
  });

  test('are dragged to another place', async () => {
    await row(desk, 'Router').dragTo(row(desk, 'Bank'));
    await expect.poll(async () => (await book(desk)).entries.map((e) => e.issuer)).toEqual(['Router', 'Bank', 'GitHub']);
  });

  test('can be edited and pinned', async () => {
    const { page } = desk;
    await choose(desk, 'GitHub (ann@example.org)', codes.edit.open);
    const sheet = dialog(page, codes.edit.title);
    await field(sheet, codes.edit.issuer).fill('Codeberg');
    await sheet.getByRole('textbox', { name: codes.tags }).fill('work, 家');
    await by(sheet, 'switch', codes.pinned).check();
    await button(sheet, codes.edit.save).click();
    await expect.poll(() => names(desk)).toEqual(['Codeberg', 'Router', 'Bank']);
    await page.getByRole('group', { name: codes.tags }).getByText('家').click();
    await title(page, codes.titleFound(1, 3));
    await page.getByRole('group', { name: codes.tags }).getByText('家').click();
  });

  test('show their QR code after a press, with the secret in groups of four', async () => {
    await choose(desk, 'Codeberg (ann@example.org)', codes.qr.open);
    const sheet = dialog(desk.page, codes.qr.title('Codeberg (ann@example.org)'));
    await shows(sheet, new RegExp(codes.qr.warningText));
    expect(await desk.page.content()).not.toContain('JBSW');
    await button(sheet, codes.qr.show).click();
    await by(sheet, 'img', codes.qr.label('Codeberg (ann@example.org)')).waitFor();
    expect(await sheet.locator('code').innerText()).toBe('JBSW Y3DP EHPK 3PXP');
    await desk.page.keyboard.press('Escape');
    expect(await desk.page.content()).not.toContain('JBSW');
  });

  test('go from the trash for good only with their name typed', async () => {
    const { page } = desk;
    await choose(desk, 'Bank (ann)', codes.delete);
    await title(page, codes.title(2));
    await page.keyboard.press('Control+k');
    await dialog(page, palette.palette).waitFor();
    await page.keyboard.type(codes.trash.title);
    await page.keyboard.press('Enter');
    await title(page, codes.trash.count(1));
    await shows(page, codes.trash.days(30));
    await button(page, codes.trash.destroy('Bank (ann)')).click();
    const sheet = dialog(page, codes.trash.destroyTitle);
    expect(await button(sheet, codes.trash.destroyConfirm).isDisabled()).toBe(true);
    await field(sheet, ui.typeToConfirm('Bank (ann)')).fill('Bank (ann)');
    await page.keyboard.press('Enter');
    await shows(page, codes.trash.empty);
    await button(page, codes.trash.back).click();
    await title(page, codes.title(2));
  });

  test('that are hidden cross when asked for', async () => {
    await prefer(desk, { hideCodes: true });
    await expect.poll(() => row(desk, 'Codeberg').locator('.code').innerText()).toMatch(/^•/);
    await row(desk, 'Codeberg').focus();
    await desk.page.keyboard.press('Space');
    expect(await digits(desk, 'Codeberg')).toHaveLength(6);
    await prefer(desk, { hideCodes: false });
  });

  test('by the thousand are few rows, and are found', async () => {
    const { page } = desk;
    add(desk, ...Array.from({ length: 1000 }, (_, n) => totp(`Service ${n}`, `person${n}@example.org`)));
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await title(page, codes.title(1002));
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    await page.keyboard.press('Control+f');
    await page.keyboard.type('service 777');
    await title(page, codes.titleFound(1, 1002));
    expect(await digits(desk, 'Service 777')).toHaveLength(6);
  });

  test('are gone from the page when the vault is locked', async () => {
    await desk.page.keyboard.press('Escape');
    await desk.page.keyboard.press('Control+l');
    await expect.poll(() => desk.page.locator('.digits').count()).toBe(0);
  });
});

describe.each(looks)('codes in %s, %s', (language, theme) => {
  const desk = useDesk({ language, theme, vault: 'passphrase' });
  let found: string[] = [];
  const see = async (name: string, menu = false) => found.push(...(await look(desk.page, `${language}-${theme}-codes-${name}`, menu)));
  const clean = () => {
    const all = found;
    found = [];
    expect(all).toEqual([]);
  };
  const ann = 'GitHub (ann@example.org)';

  test('look right when there are none', async () => {
    await goTo(desk.page, shell.screens.codes);
    await shows(desk.page, codes.emptyTitle);
    await see('none');
    clean();
  });

  test('look right when there are some, with odd names among them', async () => {
    const { page } = desk;
    add(
      desk, totp('GitHub', 'ann@example.org'), totp('银行', '安妮', '&digits=8&period=60'), totp('בנק הפועלים', 'דנה@example.org'),
      totp('A service whose name is far longer than any row can show, as they are', 'somebody.with.a.long.name@subdomain.example.org'),
      totp('Ten', 'digits', '&digits=10'), router, totp('Short', 'ten seconds', '&period=8'), totp('Day', 'long', '&period=86400'),
      totp('Mail', 'ann'),
    );
    const list = (await book(desk)).entries;
    const edit = (n: number, tags: string[], pinned: boolean) => call(page, 'Codes.Edit', { ...list[n], tags, pinned });
    await edit(0, ['work'], true);
    await edit(1, ['money', '家里', 'third'], false);
    await edit(3, ['a tag that is rather long for a tag'], false);
    await call(page, 'Codes.Link', { id: list[8]?.id, server: 'none', username: 'ann' });
    await title(page, codes.title(9));
    await button(page, codes.makeNext).click();
    await digits(desk, 'Router');
    await row(desk, 'Short').locator('.next').waitFor();
    await row(desk, 'GitHub').click({ position: { x: 100, y: 20 } });
    await row(desk, 'GitHub').getByRole('button', { name: codes.clearNow }).waitFor();
    await see('some');
    found.push(...(await rings(page)));
    clean();
  });

  test('look right in each dialog and menu', async () => {
    const { page } = desk;
    const close = () => page.keyboard.press('Escape');
    await button(page, codes.actions(ann)).click();
    await see('menu', true);
    await close();
    await choose(desk, ann, codes.qr.open);
    await see('qr-covered');
    await button(page, codes.qr.show).click();
    await page.getByRole('dialog').locator('code').waitFor();
    await see('qr');
    await close();
    await choose(desk, ann, codes.edit.open);
    await see('edit');
    await close();
    await choose(desk, ann, codes.link.open);
    await see('link');
    await close();
    await prefer(desk, { hideCodes: true });
    await expect.poll(() => row(desk, 'GitHub').locator('.code').innerText()).toMatch(/^•/);
    await see('hidden');
    await prefer(desk, { hideCodes: false });
    await choose(desk, ann, codes.delete);
    await button(page, ui.undo).waitFor();
    await see('deleted');
    await button(page, codes.more).click();
    await by(page, 'menuitem', codes.trash.open(1)).click();
    await title(page, codes.trash.count(1));
    await see('trash');
    await button(page, codes.trash.destroy(ann)).click();
    await see('trash-destroy');
    await close();
    await button(page, codes.trash.back).click();
    await field(page, codes.filter).fill('nothing is called that');
    await shows(page, codes.noneFound);
    await see('not-found');
    await field(page, codes.filter).fill('');
    await goTo(page, shell.screens.settings);
    await by(page, 'region', settings.codes.title).scrollIntoViewIfNeeded();
    await see('settings');
    clean();
  }, 240_000);

  test('look right on their way in and out', async () => {
    const { page } = desk;
    await goTo(page, shell.screens.codes);
    await button(page, codes.more).click();
    await by(page, 'menuitem', codes.export).click();
    await title(page, exporting.title);
    await see('export');
    await by(page, 'radio', exporting.sheet).check({ force: true });
    await button(page, exporting.writeOpen).click();
    await dialog(page, exporting.confirmTitle).waitFor();
    await see('export-plain');
    await page.keyboard.press('Escape');
    await button(page, exporting.cancel).click();
    await page.keyboard.press('Control+n');
    await button(page, adding.ways.camera).waitFor();
    await see('add');
    await button(page, adding.ways.camera).click();
    await button(page, adding.cameraOn).waitFor();
    await see('add-camera');
    await button(page, adding.back).click();
    clean();
  });

  test('look right where clocks differ', async () => {
    const { page } = desk;
    const server = new Pretend([]);
    await server.start();
    server.ahead = 70;
    const { id } = await call<{ id: string }>(page, 'Servers.Add', { address: server.address, name: 'nas', fingerprint: '', username: 'ann' });
    await goTo(page, shell.screens.codes);
    await button(page, codes.clock.use).waitFor();
    await see('clock');
    await button(page, codes.clock.use).click();
    await button(page, codes.clock.useOwn).waitFor();
    await see('clock-used');
    await row(desk, 'Day').hover();
    await see('row-hovered');
    await button(page, codes.clock.useOwn).click();
    server.ahead = -8;
    await call(page, 'Servers.Check', id);
    await button(page, codes.clock.use).waitFor({ state: 'detached' });
    await see('clock-quiet');
    await call(page, 'Servers.Forget', id);
    await server.stop();
    clean();
  });

  test('look right by the thousand', async () => {
    add(desk, ...Array.from({ length: 1000 }, (_, n) => totp(`Service ${n}`, `person${n}@example.org`)));
    await desk.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await title(desk.page, codes.title(1008));
    await digits(desk, 'Mail');
    await see('thousand');
    clean();
  });
});
