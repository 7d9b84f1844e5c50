import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { text as servers } from '../src/features/servers/text';
import { text as signin } from '../src/features/signin/text';
import { text as ui } from '../src/lib/ui/text';
import { useDesk } from './harness/desk';
import { Elsewhere } from './harness/elsewhere';
import { languages } from './harness/language';
import { button, by, call, dialog, field, shows, title } from './harness/page';

const t = servers.connect;

describe.each(languages)('connecting in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring' });
  const plain = new Elsewhere();
  const secure = new Elsewhere(true);
  beforeAll(() => Promise.all([plain.start(), secure.start()]));
  afterAll(() => Promise.all([plain.remove(), secure.remove()]));

  const find = async (address: string) => {
    await desk.page.keyboard.press('Control+n');
    await title(desk.page, t.title);
    await field(desk.page, t.address).fill(address);
    await button(desk.page, t.find).click();
  };
  const add = async (name: string) => {
    await field(desk.page, t.name).fill(name);
    await button(desk.page, t.add).click();
  };
  const switcher = (name: string, state: string) => button(desk.page, servers.switcher.label(name, state));

  test('to a server on this computer, by host and port alone', async () => {
    const { page } = desk;
    await find(plain.address.replace('http://', ''));
    await shows(page, t.found('Latchkey dev'));
    await add('NAS');
    const sheet = dialog(page, signin.title('NAS'));
    await field(sheet, signin.username).fill('admin');
    await field(sheet, signin.password).fill('not the password');
    await page.keyboard.press('Enter');
    await shows(sheet, new RegExp(signin.left(4)));
    expect(await field(sheet, signin.username).inputValue()).toBe('admin');
    expect(await field(sheet, signin.password).evaluate((e) => e === document.activeElement)).toBe(true);

    await field(sheet, signin.password).fill(plain.password);
    await page.keyboard.press('Enter');
    await sheet.waitFor({ state: 'detached' });
    await switcher('NAS', servers.state.signedIn).waitFor();
  });

  test('to one with a certificate of its own, which is compared', async () => {
    const { page } = desk;
    await find(secure.address);
    await by(page, 'heading', t.compare).waitFor();
    await shows(page, servers.certificate.doubt.unknown_issuer);
    expect(await page.locator('main').innerText()).toContain(secure.fingerprint);
    await button(page, t.accept).click();
    await add('Attic');
    const sheet = dialog(page, signin.title('Attic'));
    await field(sheet, signin.username).fill('admin');
    await field(sheet, signin.password).fill(secure.password);
    await page.keyboard.press('Enter');
    await switcher('Attic', servers.state.signedIn).waitFor();
  });

  test('and is told when the certificate changes, before anything is sent', async () => {
    const { page } = desk;
    const before = secure.fingerprint;
    await secure.stop();
    for (const file of ['tls.crt', 'tls.key']) rmSync(join(secure.data, 'secrets', file));
    await secure.start();
    expect(secure.fingerprint).not.toBe(before);
    const [server] = (await call<{ id: string; name: string }[]>(page, 'Servers.List')).filter((s) => s.name === 'Attic');
    await call(page, 'Servers.Check', server?.id);

    const sheet = dialog(page, servers.trust.changedTitle('Attic'));
    await shows(sheet, servers.trust.differs);
    const seen = await sheet.innerText();
    expect(seen).toContain(before);
    expect(seen).toContain(secure.fingerprint);
    await button(sheet, servers.trust.later).click();
    await switcher('Attic', servers.state.changed).waitFor();

    await button(page, servers.look).first().click();
    await button(sheet, servers.trust.replace).click();
    await sheet.waitFor({ state: 'detached' });
    await switcher('Attic', servers.state.signedIn).waitFor();
  });

  test('an address that is wrong is said at its field', async () => {
    const { page } = desk;
    await find('sftp://nas.local');
    await expect.poll(() => field(page, t.address).getAttribute('aria-invalid')).toBe('true');
    expect(await field(page, t.address).inputValue()).toBe('sftp://nas.local');
    await button(page, t.cancel).click();
    await title(page, servers.list.title(2));
  });

  test('and forgotten servers come back when that is undone', async () => {
    const { page } = desk;
    await button(page, servers.list.actions('NAS')).click();
    await by(page, 'menuitem', servers.list.forget).click();
    await title(page, servers.list.title(1));
    await shows(page, servers.edit.forgotten('NAS'));
    await button(page, ui.undo).click();
    await title(page, servers.list.title(2));
  });
});
