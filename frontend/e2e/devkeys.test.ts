import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { text as account } from '../src/features/account/text';
import { text as devkeys } from '../src/features/account/devkeys/text';
import { text as palette } from '../src/features/palette/text';
import { text as ui } from '../src/lib/ui/text';
import { text as shell } from '../src/text';
import { useDesk } from './harness/desk';
import { languages } from './harness/language';
import { look, looks, rings } from './harness/looks';
import { button, by, call, dialog, field, goTo, shows, title } from './harness/page';
import { Pretend } from './harness/pretend';
import { codeOf } from './harness/totp';

interface Listed {
  id: string;
  name: string;
  status: string;
  expiresAt: number;
}

describe.each(looks)('developer keys in %s, %s', (language, theme) => {
  const desk = useDesk({ language, theme, vault: 'keyring', own: true });
  let found: string[] = [];
  const see = async (name: string, menu = false) => found.push(...(await look(desk.page, `${language}-${theme}-devkeys-${name}`, menu)));
  const clean = () => {
    const all = found;
    found = [];
    expect(all).toEqual([]);
  };
  let use = () => Promise.resolve(0);
  const listed = () => call<Listed[]>(desk.page, 'Account.DevKeys', desk.own.id);
  const card = () => by(desk.page, 'region', devkeys.title);
  const toCard = () => card().scrollIntoViewIfNeeded();
  const choose = async (name: string, item: string) => {
    await button(desk.page, devkeys.actions(name)).first().click();
    await by(desk.page, 'menuitem', item).click();
  };

  test('begin with none, and what one is', async () => {
    const { page } = desk;
    await goTo(page, shell.screens.account);
    await shows(page, devkeys.none);
    await shows(page, devkeys.gloss);
    await toCard();
    await see('none');
    clean();
  });

  test('are made with the keyboard alone, and shown until they are kept', async () => {
    const { page } = desk;
    await page.keyboard.press('Control+k');
    await dialog(page, palette.palette).waitFor();
    await page.keyboard.type(shell.makeDevKey);
    await page.keyboard.press('Enter');
    const sheet = dialog(page, devkeys.making.title);
    await sheet.waitFor();
    await see('make');
    await page.keyboard.press('Enter');
    await expect.poll(() => sheet.getByRole('textbox').getAttribute('aria-invalid')).toBe('true');
    await page.keyboard.type('nightly backup');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowUp'); // from a year
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const shown = dialog(page, devkeys.shown.title);
    await shown.waitFor();
    const text = await shown.locator('code').innerText();
    expect(text).toMatch(/^\d{10}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    await see('shown');
    await page.keyboard.press('Escape');
    expect(await button(shown, devkeys.shown.done).isDisabled()).toBe(true);
    await field(shown, devkeys.shown.kept).check();
    await button(shown, devkeys.shown.done).click();
    await shown.waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(text);
    // It works on the API that it is for, and the list says when and from where.
    const { http } = await call<{ http: string }>(page, 'Own.Status');
    use = async () => (await fetch(new URL('/xswitch/api/users', http), { headers: { 'X-XTRA-AUTH-ID': text } })).status;
    expect(await use()).toBe(200);
    await desk.reopen();
    await goTo(desk.page, shell.screens.account);
    await shows(desk.page, /127\.\*\.\*\.1/);
    const [made] = await listed();
    expect(made).toMatchObject({ name: 'nightly backup', status: 'active' });
    expect(Math.round(((made?.expiresAt ?? 0) - Date.now()) / 86_400_000)).toBe(90);
    clean();
  });

  test('are disabled, enabled and replaced', async () => {
    const { page } = desk;
    await choose('nightly backup', devkeys.disable);
    await shows(page, devkeys.disabled('nightly backup'));
    await shows(page, devkeys.status.inactive);
    expect(await use()).toBe(401);
    await choose('nightly backup', devkeys.enable);
    await shows(page, devkeys.status.active);
    expect(await use()).toBe(200);
    await choose('nightly backup', devkeys.replace);
    const sheet = dialog(page, devkeys.replacing.title('nightly backup'));
    await field(sheet, devkeys.replacing.overlap).selectOption('168');
    await see('replace');
    await button(sheet, devkeys.replacing.confirm).click();
    const shown = dialog(page, devkeys.shown.title);
    await field(shown, devkeys.shown.kept).check();
    await button(shown, devkeys.shown.done).click();
    await expect.poll(async () => (await listed()).length).toBe(2);
    const [old] = await listed();
    expect(Math.round(((old?.expiresAt ?? 0) - Date.now()) / 3_600_000)).toBe(168);
    clean();
  });

  test('that have ended or have long names fit', async () => {
    const { page } = desk;
    const make = (name: string) => call<{ key: Listed }>(page, 'Account.MakeDevKey', { id: desk.own.id, name, days: 0, password: '', code: '' });
    await make('家里的备份脚本');
    await make('x'.repeat(64));
    const ended = await make('ended');
    await call(page, 'Account.ReplaceDevKey', { id: desk.own.id, key: ended.key.id, hours: 0, password: '', code: '' });
    await desk.reopen();
    await goTo(desk.page, shell.screens.account);
    await shows(desk.page, devkeys.status.expired);
    await toCard();
    await see('list');
    found.push(...(await rings(desk.page)));
    await button(desk.page, devkeys.actions('家里的备份脚本')).click();
    await see('menu', true);
    clean();
  });

  test('are deleted with their name typed, and the neighbour has the focus', async () => {
    const { page } = desk;
    await by(page, 'menuitem', devkeys.remove).click();
    const sheet = dialog(page, devkeys.deleting.title);
    expect(await button(sheet, devkeys.deleting.confirm).isDisabled()).toBe(true);
    await field(sheet, ui.typeToConfirm('家里的备份脚本')).fill('家里的备份脚本');
    await see('delete');
    await button(sheet, devkeys.deleting.confirm).click();
    await shows(page, devkeys.deleting.done('家里的备份脚本'));
    await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe(devkeys.actions('x'.repeat(64)));
    expect((await listed()).map((k) => k.name)).not.toContain('家里的备份脚本');
    clean();
  });

  test('want a code where there is a second factor', async () => {
    const { secret } = await call<{ secret: string }>(desk.page, 'Account.StartFactor', desk.own.id);
    await call(desk.page, 'Account.EnableFactor', { id: desk.own.id, secret, code: codeOf(secret), keep: false, password: '', currentCode: '' });
    await desk.reopen();
    await goTo(desk.page, shell.screens.account);
    await shows(desk.page, account.factor.on);
    await button(card(), devkeys.make).click();
    const sheet = dialog(desk.page, devkeys.making.title);
    await field(sheet, devkeys.making.name).fill('with a code');
    await field(sheet, devkeys.code).fill('000000');
    await button(sheet, devkeys.making.confirm).click();
    await expect.poll(() => field(sheet, devkeys.code).getAttribute('aria-invalid')).toBe('true');
    await see('code');
    clean();
  });
});

describe.each(languages)('on a server without developer keys in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring' });
  const alist = new Pretend(['phone'], ['desk']);
  beforeAll(() => alist.start());
  afterAll(() => alist.stop());

  test('nothing is said of them', async () => {
    const { id } = await call<{ id: string }>(desk.page, 'Servers.Add', { address: alist.address, name: 'AList', fingerprint: '', username: 'ann' });
    await call(desk.page, 'SignIn.SignIn', { id, username: 'ann', password: 'any password', code: '' });
    await call(desk.page, 'Servers.Select', id);
    const page = await desk.reopen();
    await goTo(page, shell.screens.account);
    await title(page, account.title('ann'));
    await shows(page, account.factor.title);
    expect(await page.getByText(devkeys.title).count()).toBe(0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type(shell.makeDevKey);
    await shows(page, palette.none);
  });
});
