import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { say } from '../src/lib/errors/say';
import { text as devices } from '../src/features/devices/text';
import { text as keys } from '../src/features/keys/text';
import { text as servers } from '../src/features/servers/text';
import { text as settings } from '../src/features/settings/text';
import { text as ui } from '../src/lib/ui/text';
import { text as shell } from '../src/text';
import { useDesk } from './harness/desk';
import { languages, setLanguage } from './harness/language';
import { button, call, closePage, dialog, field, goTo, openPage, problemOf, shows, title } from './harness/page';
import { type Mood, odd, Pretend } from './harness/pretend';
import { freePort, Program } from './harness/program';

describe.each(languages)('a server that misbehaves, in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring' });
  const server = new Pretend(['Firefox/1', ...Object.values(odd)], Object.values(odd));
  let id = '';
  beforeAll(async () => {
    await server.start();
    ({ id } = await call<{ id: string }>(desk.page, 'Servers.Add', { address: server.address, name: 'Odd', fingerprint: '', username: 'ann' }));
    await call(desk.page, 'SignIn.SignIn', { id, username: 'ann', password: 'any password', code: '' });
    await desk.reopen();
    await goTo(desk.page, shell.screens.devices);
    await title(desk.page, devices.title(5));
  });
  afterAll(() => server.stop());

  test.each<[Mood, string]>([
    ['html', 'server_not_alist'],
    ['garbage', 'server_not_alist'],
    ['huge', 'server_too_much'],
    ['redirect', 'server_moved'],
  ])('answering %s when it is added', async (mood, code) => {
    const { page } = desk;
    server.mood = mood;
    await page.keyboard.press('Control+n');
    await title(page, servers.connect.title);
    await field(page, servers.connect.address).fill(server.address);
    await button(page, servers.connect.find).click();
    const problem = await problemOf(call(page, 'Servers.Find', server.address));
    expect(problem.code).toBe(code);
    await shows(page, say(problem));
    expect(await field(page, servers.connect.address).inputValue()).toBe(server.address);
    if (mood === 'redirect') await button(page, servers.connect.moved('https://elsewhere.example')).waitFor();
    await button(page, servers.connect.cancel).click();
  });

  test.each<[Mood, string]>([
    ['html', 'server_lacks_this'],
    ['garbage', 'server_garbled'],
    ['huge', 'server_too_much'],
    ['redirect', 'server_moved'],
  ])('answering %s keeps the list that was there, with its time', async (mood, code) => {
    const { page } = desk;
    server.mood = 'well';
    await call(page, 'Servers.Check', id);
    await goTo(page, shell.screens.devices);
    await title(page, devices.title(5));
    server.mood = mood;
    await button(page, devices.refresh).click();
    const problem = await problemOf(call(page, 'Devices.List', id));
    expect(problem.code).toBe(code);
    await shows(page, say(problem));
    await title(page, devices.title(5));
    server.mood = 'well';
    await button(page, ui.tryAgain).first().click();
    await page.getByText(say(problem)).first().waitFor({ state: 'detached' });
  });

  test('gone, it is offline, and comes back when it is there again', async () => {
    const { page } = desk;
    server.mood = 'well';
    await server.stop();
    await button(page, devices.refresh).click();
    const problem = await problemOf(call(page, 'Devices.List', id));
    expect(problem.code).toBe('server_unreachable');
    await shows(page, say(problem));
    await title(page, devices.title(5));
    await server.start();
    await button(page, servers.tryNow).first().click();
    await page.getByText(say(problem)).first().waitFor({ state: 'detached' });
    await button(page, servers.switcher.label('Odd', servers.state.signedIn)).waitFor();
  });

  test.runIf(language === 'en')('slow, it is waited for, and everything else goes on', async () => {
    const { page } = desk;
    server.mood = 'slow';
    await button(page, devices.refresh).click();
    await goTo(page, shell.screens.settings);
    await title(page, settings.title);
    await goTo(page, shell.screens.devices);
    await page.getByRole('heading', { level: 1, name: devices.title(5) }).waitFor({ timeout: 25_000 });
  });

  test('names are shown as text, whatever is in them', async () => {
    const { page } = desk;
    server.mood = 'well';
    await goTo(page, shell.screens.devices);
    await shows(page, odd.markup);
    await goTo(page, shell.screens.keys);
    await title(page, keys.title(4));
    await shows(page, odd.markup);
    await shows(page, odd.emoji);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.title()).not.toBe('1');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    // What turns the direction of writing around stays inside the name.
    expect(await page.getByText('safe').first().evaluate((e) => getComputedStyle(e).unicodeBidi)).toBe('isolate');
  });
});

describe.each(languages)('this computer, in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring', own: true, environment: { LATCHKEY_HTTP: '', LATCHKEY_SFTP: '' } });

  test('a port that is taken is said at its field, with another one', async () => {
    const { page } = desk;
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    try {
      await button(page, servers.switcher.label(desk.own.name, servers.state.running)).click();
      await page.getByRole('menuitem', { name: servers.switcher.manage }).click();
      await button(page, servers.list.open(desk.own.name)).click();
      await title(page, servers.own.title.running);
      await field(page, servers.own.httpPort).fill(String(port));
      await button(page, servers.own.apply).click();
      await button(page, servers.own.otherPort(port + 1)).click();
      expect(await field(page, servers.own.httpPort).inputValue()).toBe(String(port + 1));
      await button(page, servers.own.apply).click();
      await title(page, servers.own.title.running);
    } finally {
      other.close();
    }
  });

  test('the server stops and starts', async () => {
    const { page } = desk;
    await button(page, servers.own.stop).click();
    await button(dialog(page, servers.own.stopTitle), servers.own.stopDo).click();
    await title(page, servers.own.title.stopped);
    await button(page.locator('main'), servers.own.start).click();
    await title(page, servers.own.title.running);
  });
});

test('a data folder that is none is said at once', async () => {
  setLanguage('en'); // no preferences can be read, so it is the system's
  const program = new Program('none');
  writeFileSync(program.data, 'a file in its place');
  try {
    await program.start();
    const page = await openPage(program.url);
    await title(page, shell.cannotStart);
    await button(page, ui.tryAgain).waitFor();
    await closePage(page);
  } finally {
    await program.remove();
  }
});
