import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rotateText } from '../src/features/keys/rotatetext';
import { lastDay } from '../src/features/keys/rules/rules';
import { text as rules } from '../src/features/keys/rules/text';
import { text as keys } from '../src/features/keys/text';
import { say } from '../src/lib/errors/say';
import { text as ui } from '../src/lib/ui/text';
import { text as shell } from '../src/text';
import { admin, useDesk } from './harness/desk';
import { Elsewhere } from './harness/elsewhere';
import { languages } from './harness/language';
import { look } from './harness/looks';
import { button, by, call, dialog, field, focused, goTo, problemOf, shows, title } from './harness/page';
import { SSHAgent } from './harness/sshagent';

describe.each(languages)('SFTP keys in %s', (language) => {
  const agent = new SSHAgent();
  beforeAll(() => agent.start());
  afterAll(() => agent.remove());
  const desk = useDesk({ language, vault: 'keyring', own: true, environment: { SSH_AUTH_SOCK: agent.socket } });
  const ssh = (file: string) => join(desk.program.home, '.ssh', file);
  const inAgent = () => spawnSync('ssh-add', ['-l'], { env: { ...process.env, SSH_AUTH_SOCK: agent.socket }, encoding: 'utf8' }).stdout;
  const private_ = () => join(desk.program.home, '.ssh', 'id_laptop');
  const open = () => goTo(desk.page, shell.screens.keys);
  const upload = async (line: string) => {
    await button(desk.page, keys.upload).click();
    await title(desk.page, keys.uploading.title);
    await field(desk.page, keys.uploading.paste).fill(line);
  };

  test('are made, uploaded and tried in one go', async () => {
    const { page } = desk;
    await open();
    await shows(page, keys.emptyTitle);
    await button(page, keys.make).first().click();
    await title(page, keys.making.title);
    await field(page, keys.making.name).fill('id_laptop');
    await button(page, keys.making.do).click();
    await title(page, keys.made.title);
    expect(statSync(private_()).mode & 0o777).toBe(0o600);
    await field(page, keys.uploading.name).fill('Laptop');
    await button(page, keys.ready.all).click();
    await title(page, keys.ready.titleTested);
    await shows(page, keys.ready.test.done(admin.username, '/', true));
    expect(await focused(page)).toBe(keys.done);
    expect(inAgent()).toContain('(ED25519)');
  });

  test('open SFTP by the short name, with a host that ssh knows', () => {
    const strict = ['-F', ssh('config'), '-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${ssh('known_hosts')}`, '-o', 'BatchMode=yes'];
    const said = execFileSync('sftp', [...strict, '-b', '-', 'latchkey'], { input: 'pwd\nbye\n', encoding: 'utf8', stdio: 'pipe', timeout: 20_000 });
    expect(said).toContain('Remote working directory: /');
  });

  test('take each step back', async () => {
    const { page } = desk;
    await button(page, keys.ready.agent.undo).click();
    await button(page, keys.ready.agent.do).waitFor();
    expect(inAgent()).not.toContain('(ED25519)');
    await button(page, keys.ready.entry.undo).click();
    await button(page, keys.ready.entry.do).waitFor();
    expect(readFileSync(ssh('config'), 'utf8')).toBe('');
    await button(page, keys.ready.host.undo).click();
    await button(page, keys.ready.host.do).waitFor();
    expect(readFileSync(ssh('known_hosts'), 'utf8')).toBe('');
    await button(page, keys.ready.test.do).click();
    const refused = await problemOf(call(page, 'Keys.Test', { id: desk.own.id, key: private_(), passphrase: '', keep: false }));
    expect(refused.code).toBe('ssh_host_unknown');
    await shows(page, say(refused));
  });

  test('open SFTP with the command that is shown', async () => {
    const { page } = desk;
    const command = await page.locator('pre.command').innerText();
    expect(command).toContain(private_());
    const [program = '', ...options] = command.replaceAll("'", '').split(' ');
    const careless = ['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${desk.program.folder}/known`, '-o', 'BatchMode=yes', '-b', '-'];
    const said = execFileSync(program, [...careless, ...options], { input: 'pwd\nbye\n', encoding: 'utf8', stdio: 'pipe', timeout: 20_000 });
    expect(said).toContain('Remote working directory: /');
    await button(page, keys.done).click();
    await title(page, keys.title(1));
    await shows(page, keys.here);
  });

  test('that are there already are told by name', async () => {
    const { page } = desk;
    await upload(readFileSync(`${private_()}.pub`, 'utf8'));
    await shows(page, keys.uploading.known('Laptop'));
    await button(page, keys.back).click();
  });

  test('are not made over a file that is there', async () => {
    const { page } = desk;
    const before = readFileSync(private_(), 'utf8');
    await button(page, keys.make).first().click();
    await field(page, keys.making.name).fill('id_laptop');
    await button(page, keys.making.do).click();
    await expect.poll(() => field(page, keys.making.name).getAttribute('aria-invalid')).toBe('true');
    expect(readFileSync(private_(), 'utf8')).toBe(before);
    await button(page, keys.cancel).click();
  });

  test('that are private are refused, and do not stay on the screen', async () => {
    const { page } = desk;
    await upload(readFileSync(private_(), 'utf8'));
    await expect.poll(() => field(page, keys.uploading.paste).getAttribute('aria-invalid')).toBe('true');
    expect(await field(page, keys.uploading.paste).inputValue()).toBe('');
    await button(page, keys.cancel).click();
  });

  test('made elsewhere are uploaded by their public half', async () => {
    const { page } = desk;
    const file = join(desk.program.folder, 'elsewhere');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'from a phone', '-f', file]);
    await upload(readFileSync(`${file}.pub`, 'utf8'));
    expect(await field(page, keys.uploading.name).inputValue()).toBe('from a phone');
    await button(page, keys.uploading.do(desk.own.name)).click();
    await title(page, keys.connecting.titleDone);
    await shows(page, keys.connecting.keyElsewhere);
    await button(page, keys.done).click();
    await title(page, keys.title(2));
  });

  test('are limited, and a connection obeys', async () => {
    const { page } = desk;
    const { port } = await call<{ port: number }>(page, 'Keys.Connect', { id: desk.own.id, key: private_() });
    const careless = ['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${desk.program.folder}/known`, '-o', 'BatchMode=yes'];
    const sftp = (does: string) =>
      spawnSync('sftp', [...careless, '-i', private_(), '-P', String(port), '-b', '-', `${admin.username}@127.0.0.1`], { input: `${does}\nbye\n`, timeout: 20_000 })
        .status === 0;
    const limit = async () => {
      await button(page, keys.actions('Laptop')).click();
      await by(page, 'menuitem', rules.limit).click();
      return dialog(page, rules.title('Laptop'));
    };
    let sheet = await limit();
    await field(sheet, rules.from).fill('nas.local');
    await expect.poll(() => field(sheet, rules.from).getAttribute('aria-invalid')).toBe('true');
    await button(sheet, rules.do).click();
    await expect.poll(() => field(sheet, rules.from).getAttribute('aria-invalid')).toBe('true');
    await field(sheet, rules.from).fill('127.0.0.0/8, fd00::/8');
    await sheet.getByLabel(rules.expires).selectOption('day');
    await field(sheet, rules.day).fill('2099-03-03');
    await sheet.getByLabel(rules.readOnly).check();
    await button(sheet, rules.do).click();
    await shows(page, rules.saved('Laptop'));
    const set = { expiresAt: new Date(2099, 2, 4).getTime(), from: '', readOnly: true, folder: '' };
    const { words } = rules;
    await shows(page, new RegExp(rules.line([words.readOnly, words.until(lastDay(set)), words.somewhere])));
    expect([sftp('ls /'), sftp('mkdir /new')]).toEqual([true, false]);

    sheet = await limit();
    expect(await field(sheet, rules.day).inputValue()).toBe('2099-03-03');
    await sheet.getByLabel(rules.expires).selectOption('never');
    await field(sheet, rules.from).fill('');
    await sheet.getByLabel(rules.readOnly).uncheck();
    await page.keyboard.press('Enter');
    await sheet.waitFor({ state: 'detached' });
    expect(sftp('mkdir /new')).toBe(true);
  });

  test('are limited from the beginning', async () => {
    const { page } = desk;
    const file = join(desk.program.folder, 'limited');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'limited', '-f', file]);
    await upload(readFileSync(`${file}.pub`, 'utf8'));
    await button(page, rules.all).click();
    await field(page, rules.folder).fill('photos');
    await button(page, keys.uploading.do(desk.own.name)).click();
    await expect.poll(() => field(page, rules.folder).getAttribute('aria-invalid')).toBe('true');
    await field(page, rules.folder).fill('/photos');
    await button(page, keys.uploading.do(desk.own.name)).click();
    await title(page, keys.connecting.titleDone);
    await button(page, keys.done).click();
    await shows(page, new RegExp(rules.words.folder('/photos')));
    const { keys: there } = await call<{ keys: { id: string; title: string }[] }>(page, 'Keys.List', desk.own.id);
    await call(page, 'Keys.Delete', { id: desk.own.id, key: there.find((k) => k.title === 'limited')?.id });
    await button(page, keys.refresh).click();
    await title(page, keys.title(2));
  });

  test('are all in one list, and mended there', async () => {
    const { page } = desk;
    chmodSync(private_(), 0o644);
    await button(page, keys.all.open).click();
    await title(page, keys.all.title(2, 1));
    await button(page, keys.actions('id_laptop')).click();
    await by(page, 'menuitem', keys.all.details).click();
    const sheet = dialog(page, 'id_laptop');
    await button(sheet, keys.concerns.readable_by_others.do).click();
    await expect.poll(() => statSync(private_()).mode & 0o777).toBe(0o600);
    await button(sheet, keys.concerns.no_passphrase.do).first().click();
    const change = dialog(page, keys.passphrase.set);
    await field(change, keys.passphrase.new).fill('river boat lantern');
    await field(change, keys.passphrase.again).fill('river boat lantern');
    await button(change, keys.passphrase.do).click();
    await title(page, keys.all.title(2, 0));
    // The passphrase is kept when it is typed, used after that, and forgotten.
    await page.keyboard.press('Escape');
    await button(page, keys.actions('id_laptop')).click();
    await by(page, 'menuitem', keys.all.details).click();
    await button(sheet, keys.ready.agent.do).click();
    const add = dialog(page, keys.ready.agent.do);
    await field(add, keys.ready.passphrase).fill('river boat lantern');
    await add.getByLabel(keys.kept.keep).check();
    await page.keyboard.press('Enter');
    await button(sheet, keys.ready.agent.undo).click();
    await shows(sheet, keys.kept.title);
    await button(sheet, keys.ready.agent.do).click();
    await button(sheet, keys.ready.agent.undo).waitFor();
    expect(inAgent()).toContain('(ED25519)');
    await button(sheet, keys.kept.forget).click();
    await sheet.getByText(keys.kept.title).waitFor({ state: 'detached' });
    const opens = (passphrase: string) => spawnSync('ssh-keygen', ['-y', '-P', passphrase, '-f', private_()]).status === 0;
    expect([opens(''), opens('river boat lantern')]).toEqual([false, true]);
    await page.keyboard.press('Escape');
    await button(page, keys.all.back(desk.own.name)).click();
  });

  test('give way to a new one, which opens SFTP before the old one goes', async () => {
    const { page } = desk;
    await button(page, keys.all.open).click();
    await button(page, keys.actions('id_laptop')).click();
    await by(page, 'menuitem', keys.all.replace).click();
    await title(page, rotateText.title('id_laptop'));
    await field(page, rotateText.make.passphrase).fill('orchid gravel lantern');
    await button(page, rotateText.all).click();
    await expect.poll(() => field(page, keys.making.again).getAttribute('aria-invalid')).toBe('true');
    expect(existsSync(ssh('id_laptop_2'))).toBe(false);
    await field(page, keys.making.again).fill('orchid gravel lantern');
    await page.getByLabel(keys.kept.keep).check();
    await button(page, rotateText.all).click();
    await title(page, rotateText.titleDone('id_laptop'));
    await shows(page, rotateText.aside.done('id_laptop.old'));
    expect(await focused(page)).toBe(keys.done);
    expect([existsSync(private_()), existsSync(ssh('id_laptop.old')), statSync(ssh('id_laptop_2')).mode & 0o777]).toEqual([false, true, 0o600]);
    expect(spawnSync('ssh-keygen', ['-y', '-P', 'orchid gravel lantern', '-f', ssh('id_laptop_2')]).status).toBe(0);
    await button(page, keys.done).click();
    await button(page, keys.actions('id_laptop_2')).click();
    await by(page, 'menuitem', keys.all.details).click();
    await shows(dialog(page, 'id_laptop_2'), keys.kept.title);
    await page.keyboard.press('Escape');
    await button(page, keys.all.back(desk.own.name)).click();
    await button(page, keys.actions('Laptop 2')).waitFor();
    await title(page, keys.title(2));
  });

  test('are deleted with their title typed', async () => {
    const { page } = desk;
    await button(page, keys.actions('Laptop 2')).click();
    await by(page, 'menuitem', keys.remove).click();
    const sheet = dialog(page, keys.removeTitle);
    expect(await button(sheet, keys.removeDo).isDisabled()).toBe(true);
    await field(sheet, ui.typeToConfirm('Laptop 2')).fill('Laptop 2');
    await page.keyboard.press('Enter');
    await shows(page, keys.removed('Laptop 2'));
    await title(page, keys.title(1));
    expect(existsSync(ssh('id_laptop_2'))).toBe(true);
  });
});

describe.each(languages)('a security token in %s', (language) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-token-'));
  const library = join(folder, 'token.so');
  const touch = join(folder, 'touch');
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, '../backend/companion/sshkeys/tokentest/testdata/token.c']);
  execFileSync('mkfifo', [touch]);
  const desk = useDesk({ language, vault: 'keyring', own: true, environment: { SSH_SK_PROVIDER: library, TOKEN_PIN: '123456', TOKEN_TOUCH: touch } });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('makes a key, with its PIN and a touch', async () => {
    const { page } = desk;
    const asksPIN = () => title(page, keys.token.pin);
    await goTo(page, shell.screens.keys);
    await button(page, keys.make).first().click();
    await button(page, keys.making.others).click();
    await by(page, 'radio', keys.token.kind).check();
    await field(page, keys.making.name).fill('id_token');
    await field(page, keys.making.passphrase).fill('river boat lantern');
    await field(page, keys.making.again).fill('river boat lantern');
    const found = await look(page, `token-kinds-${language}`);
    await page.keyboard.press('Enter');
    await asksPIN();
    await button(page, keys.cancel).click();
    await title(page, keys.making.title);
    expect(await focused(page)).toBe(keys.making.do);
    expect(readdirSync(join(desk.program.home, '.ssh'))).toEqual([]);

    await page.keyboard.press('Enter');
    await asksPIN();
    await page.keyboard.type('654321\n');
    await shows(page, keys.token.wrong);
    found.push(...(await look(page, `token-pin-${language}`)));
    await page.keyboard.type('123456\n');
    await title(page, keys.token.touch);
    const pipe = await openFile(touch, 'w'); // waits until the token wants to be touched
    found.push(...(await look(page, `token-touch-${language}`)));
    await pipe.write('x');
    await pipe.close();
    await title(page, keys.made.title);
    expect(readdirSync(join(desk.program.home, '.ssh'))).toEqual(['id_token', 'id_token.pub']);
    await button(page, keys.ready.all).click();
    await title(page, keys.connecting.titleDone);
    await expect.poll(() => focused(page)).toBe(keys.done); // once all of it is done
    found.push(...(await look(page, `token-ready-${language}`)));
    expect(found).toEqual([]);
    await button(page, keys.done).click();
    await title(page, keys.title(1));
  });
});

describe.each(languages)('an account without SFTP in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring' });
  const server = new Elsewhere();
  beforeAll(async () => {
    await server.start();
    server.command(['user', 'add', 'ann', '--password-stdin'], 'orchid lantern gravel');
    const { id } = await call<{ id: string }>(desk.page, 'Servers.Add', { address: server.address, name: 'NAS', fingerprint: '', username: 'ann' });
    await call(desk.page, 'SignIn.SignIn', { id, username: 'ann', password: 'orchid lantern gravel', code: '' });
    await desk.reopen();
  });
  afterAll(() => server.remove());

  test('is warned before it uploads a key', async () => {
    const { page } = desk;
    await goTo(page, shell.screens.keys);
    await shows(page, keys.noSFTP.title);
    const file = join(desk.program.folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    await button(page, keys.upload).click();
    await field(page, keys.uploading.paste).fill(readFileSync(`${file}.pub`, 'utf8'));
    await button(page, keys.uploading.do('NAS')).waitFor();
    await shows(page, keys.noSFTP.title);
  });
});
