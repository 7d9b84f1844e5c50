import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { text as devices } from '../src/features/devices/text';
import { text as keys } from '../src/features/keys/text';
import { text as signin } from '../src/features/signin/text';
import { text as shell } from '../src/text';
import { admin, useDesk } from './harness/desk';
import { Connection, listed } from './harness/connection';
import { Device } from './harness/device';
import { languages } from './harness/language';
import { button, by, call, dialog, field, goTo, shows, title } from './harness/page';
import { Pretend } from './harness/pretend';

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';

describe.each(languages)('devices in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring', own: true });
  let rclone: Device;
  let browser: Device;
  let http: string;

  beforeAll(async () => {
    ({ http } = await call<{ http: string }>(desk.page, 'Own.Status'));
    rclone = await Device.signIn(http, admin, 'rclone/v1.68.2');
    browser = await Device.signIn(http, admin, firefox);
    await desk.reopen();
  });
  const rows = () => desk.page.getByRole('row');

  test('are listed with this one first, and marked', async () => {
    const { page } = desk;
    await goTo(page, shell.screens.devices);
    await title(page, devices.title(3));
    expect(await rows().nth(1).innerText()).toContain(devices.current);
    await shows(page, /Firefox/);
    await shows(page, /^rclone/);
  });

  test('are ended one at a time, and the neighbour has the focus', async () => {
    const { page } = desk;
    const { devices: list } = await call<{ devices: { name: string }[] }>(page, 'Devices.List', desk.own.id);
    const name = list.find((d) => d.name.startsWith('rclone'))?.name ?? '';
    await button(page, devices.endNamed(name)).click();
    await shows(page, devices.ended);
    expect(await rclone.isSignedIn()).toBe(false);
    expect(await browser.isSignedIn()).toBe(true);
    await title(page, devices.title(2));
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('row');
  });

  test('a connection over SFTP is among them, and is closed after a question', async () => {
    const { page } = desk;
    const { sftp } = await call<{ sftp: string }>(page, 'Own.Status');
    const connection = await Connection.open(sftp, browser, admin.username, 'laptop');
    try {
      await listed(page, devices.sftp('laptop'));
      await title(page, devices.title(2));
      const row = rows().filter({ hasText: devices.sftp('laptop') });
      await row.getByText(devices.close, { exact: true }).click();
      await button(dialog(page, devices.closeTitle), devices.closeDo).click();
      await row.getByText(devices.closed).waitFor();
      await expect.poll(() => connection.isOpen, { timeout: 30_000 }).toBe(false);
    } finally {
      await connection.close();
    }
  });

  test('and all others at once, after a question', async () => {
    const { page } = desk;
    await Device.signIn(http, admin);
    await button(page, devices.refresh).click();
    await title(page, devices.title(3));
    await button(page, devices.others).click();
    const sheet = dialog(page, devices.othersTitle(2));
    await button(sheet, devices.othersDo(2)).click();
    await sheet.waitFor({ state: 'detached' });
    await title(page, devices.titleOne);
    expect(await browser.isSignedIn()).toBe(false);
  });

  test('thrown out from elsewhere, one signs in over what one was doing', async () => {
    const { page } = desk;
    await goTo(page, shell.screens.keys);
    await button(page, keys.make).first().click();
    await title(page, keys.making.title);
    await field(page, keys.making.comment).fill('half written');

    const other = await Device.signIn(http, admin);
    await other.ask('POST', '/api/me/sessions/evict_others');
    await call(page, 'Servers.Check', desk.own.id);
    const sheet = dialog(page, signin.title(desk.own.name));
    await field(sheet, signin.password).fill(admin.password);
    await page.keyboard.press('Enter');
    await sheet.waitFor({ state: 'detached' });
    await title(page, keys.making.title);
    expect(await field(page, keys.making.comment).inputValue()).toBe('half written');
  });
});

describe('5,000 devices', () => {
  const desk = useDesk({ language: 'en', vault: 'keyring' });
  const server = new Pretend(Array.from({ length: 5000 }, (_, n) => `Client-${n}/1.0`), Array.from({ length: 1000 }, (_, n) => `Key ${n}`));
  beforeAll(async () => {
    await server.start();
    const { id } = await call<{ id: string }>(desk.page, 'Servers.Add', { address: server.address, name: 'Big', fingerprint: '', username: 'ann' });
    await call(desk.page, 'SignIn.SignIn', { id, username: 'ann', password: 'any password', code: '' });
    await desk.reopen();
  });
  afterAll(() => server.stop());

  test('scroll, with a few rows drawn', async () => {
    const { page } = desk;
    await goTo(page, shell.screens.devices);
    await title(page, devices.title(5000));
    expect(await page.getByRole('row').count()).toBeLessThan(120);
    await page.getByRole('row').nth(1).focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex'))).toBe('5001');
    await shows(page, /Client-4999/);
    await page.keyboard.press('Home');
    await shows(page, /^Client-0/);
  });

  test('are found by a word', async () => {
    const { page } = desk;
    await page.keyboard.press('Control+f');
    await page.keyboard.type('client-4321');
    await title(page, devices.titleFound(1, 5000));
    await page.keyboard.press('Escape');
    await title(page, devices.title(5000));
  });

  test('and so do 1,000 keys', async () => {
    const { page } = desk;
    await goTo(page, shell.screens.keys);
    await title(page, keys.title(1000));
    expect(await page.getByRole('row').count()).toBeLessThan(120);
    await by(page, 'searchbox', keys.filter).fill('Key 777');
    await title(page, keys.titleFound(1, 1000));
  });
});
