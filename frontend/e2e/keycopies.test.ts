// SFTP keys that leave for another program or come from one, in files that the real puttygen, ssh-keygen and openssl read and write.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyText, formatNames } from '../src/features/keys/copytext';
import { text as keys } from '../src/features/keys/text';
import { text as shell } from '../src/text';
import { useDesk } from './harness/desk';
import { look, looks } from './harness/looks';
import { button, by, call, dialog, dropPaths, field, goTo, shows, title } from './harness/page';
import { Screen } from './harness/screen';

const first = 'river boat lantern';
const second = 'orchid gravel lamp';

describe.each(looks)('keys of other programs in %s, %s', (language, theme) => {
  const screen = new Screen();
  beforeAll(() => screen.start());
  afterAll(() => screen.remove());
  const desk = useDesk({ language, theme, vault: 'keyring', own: true, environment: { get DISPLAY() { return screen.display; } } });
  const asked = language === 'en' ? { save: 'Save a copy of the key', choose: 'Choose a key' } : { save: '将密钥副本保存为', choose: '选择密钥文件' };
  const here = (name: string) => join(desk.program.folder, name);
  const ssh = (name: string) => join(desk.program.home, '.ssh', name);
  let found: string[] = [];
  const see = async (name: string) => found.push(...(await look(desk.page, `${language}-${theme}-keys-${name}`)));
  const clean = () => {
    const all = found;
    found = [];
    expect(all).toEqual([]);
  };
  /** The type and the body of a public line. */
  const half = (line: string) => line.trim().split(' ').slice(0, 2).join(' ');
  /** What the private half in a file opens, as ssh-keygen says. */
  const opens = (file: string, passphrase: string) => {
    const { status, stdout } = spawnSync('ssh-keygen', ['-y', '-P', passphrase, '-f', file], { encoding: 'utf8' });
    return status === 0 ? half(stdout) : '';
  };
  const inFile = (name: string, passphrase: string) => {
    const file = here(name);
    writeFileSync(file, passphrase);
    return file;
  };
  const puttygen = (...args: string[]) => execFileSync('puttygen', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  /** What the private half in a .ppk opens, as PuTTY reads it; the public half in it is not believed. */
  const inPutty = (file: string, passphrase: string) => {
    const out = here('read back');
    rmSync(out, { force: true });
    spawnSync('puttygen', [file, '--old-passphrase', inFile('passphrase', passphrase), '--new-passphrase', inFile('none', ''), '-O', 'private-openssh-new', '-o', out]);
    return existsSync(out) ? opens(out, '') : '';
  };
  const details = async () => {
    const { page } = desk;
    await button(page, keys.actions('id_nas')).click();
    await by(page, 'menuitem', keys.all.details).click();
    await button(dialog(page, 'id_nas'), keys.all.saveCopy).click();
    return dialog(page, copyText.copy.title('id_nas'));
  };

  test('are saved for PuTTY, with a passphrase of their own', async () => {
    const { page } = desk;
    await call(page, 'Keys.Make', { kind: 'ed25519', name: 'id_nas', comment: 'ann@desk', passphrase: first, keep: false });
    await goTo(page, shell.screens.keys);
    await button(page, keys.all.open).click();
    const sheet = await details();
    await see('copy');
    await field(sheet, copyText.copy.passphrase).fill('not that one');
    await button(sheet, copyText.copy.do).click();
    await expect.poll(() => field(sheet, copyText.copy.passphrase).getAttribute('aria-invalid')).toBe('true');
    await see('copy-wrong');

    await field(sheet, copyText.copy.passphrase).fill(first);
    await sheet.getByLabel(copyText.copy.same).uncheck();
    await field(sheet, copyText.copy.new).fill(second);
    await field(sheet, keys.making.again).fill(`${second}s`);
    await button(sheet, copyText.copy.do).click();
    await shows(sheet, keys.making.differs);
    await see('copy-differs');
    await field(sheet, keys.making.again).fill(second);
    await button(sheet, copyText.copy.do).click();
    await screen.answer(asked.save, null);
    await expect.poll(() => button(sheet, copyText.copy.do).isEnabled()).toBe(true);
    expect(existsSync(ssh('id_nas.ppk'))).toBe(false);

    const copy = here('nas.ppk');
    await button(sheet, copyText.copy.do).click();
    await screen.answer(asked.save, copy);
    await shows(sheet, copy);
    await see('copy-saved');
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(puttygen('-L', copy)).toBe(readFileSync(ssh('id_nas.pub'), 'utf8').trim());
    expect([inPutty(copy, second), inPutty(copy, first)]).toEqual([opens(ssh('id_nas'), first), '']);
    expect(await page.content()).not.toContain(second);
    await button(sheet, keys.done).click();
    clean();
  });

  test('are saved in other formats, with the same passphrase or none', async () => {
    const { page } = desk;
    const line = half(readFileSync(ssh('id_nas.pub'), 'utf8'));
    for (const [format, file] of [['pkcs8', 'nas.pem'], ['openssh', 'nas_copy'], ['rfc4716', 'nas.txt']] as const) {
      const sheet = dialog(page, copyText.copy.title('id_nas'));
      await button(dialog(page, 'id_nas'), keys.all.saveCopy).click();
      await by(sheet, 'radio', formatNames[format]).check();
      if (format !== 'rfc4716') await field(sheet, copyText.copy.passphrase).fill(first);
      if (format === 'rfc4716') await see('copy-public');
      await page.keyboard.press('Enter');
      await screen.answer(asked.save, here(file));
      await shows(sheet, here(file));
      await button(sheet, keys.done).click();
    }
    // An Ed25519 key is the last 32 bytes, in either form.
    const der = execFileSync('openssl', ['pkey', '-in', here('nas.pem'), '-passin', 'stdin', '-pubout', '-outform', 'DER'], { input: first });
    expect(der.subarray(-32)).toEqual(Buffer.from(line.split(' ')[1] ?? '', 'base64').subarray(-32));
    expect([opens(here('nas_copy'), first), opens(here('nas_copy'), '')]).toEqual([line, '']);
    expect(half(execFileSync('ssh-keygen', ['-i', '-f', here('nas.txt')], { encoding: 'utf8' }))).toBe(line);
    await page.keyboard.press('Escape');
    clean();
  });

  test('are brought in from PuTTY, and stay as they are there', async () => {
    const { page } = desk;
    const from = here('from putty.ppk');
    puttygen('-q', '-t', 'ed25519', '-C', 'ann on windows', '--new-passphrase', inFile('passphrase', second), '-o', from);
    const before = readFileSync(from);
    await button(page, keys.all.back(desk.own.name)).click();
    await button(page, keys.upload).click();
    await button(page, keys.uploading.pick).click();
    await screen.answer(asked.choose, from);
    await title(page, copyText.bring.title('from putty.ppk'));
    await shows(page, copyText.bring.format('PPK', 'Ed25519'));
    await see('bring');
    await field(page, keys.making.name).fill('id_putty');
    await field(page, copyText.bring.passphrase).fill('not that one');
    await button(page, copyText.bring.do).click();
    await expect.poll(() => field(page, copyText.bring.passphrase).getAttribute('aria-invalid')).toBe('true');
    expect(existsSync(ssh('id_putty'))).toBe(false);
    await see('bring-wrong');

    await field(page, copyText.bring.passphrase).fill(second);
    await button(page, copyText.bring.do).click();
    await title(page, copyText.bring.ready);
    await see('brought');
    expect(opens(ssh('id_putty'), second)).toBe(half(puttygen('-L', from)));
    expect([statSync(ssh('id_putty')).mode & 0o777, readFileSync(from).equals(before)]).toEqual([0o600, true]);
    expect(await page.content()).not.toContain(second);
    clean();
  });

  test('are tried without an agent, and their passphrase is kept then', async () => {
    const { page } = desk;
    const asks = field(page, keys.ready.passphrase);
    await button(page, keys.ready.all).click();
    await expect.poll(() => asks.getAttribute('aria-invalid')).toBe('true');
    await asks.fill('not that one');
    await page.getByLabel(keys.kept.keep).check();
    await page.keyboard.press('Enter');
    await asks.fill(second);
    await see('keep');
    await button(page, keys.ready.all).click();
    await title(page, keys.ready.titleTested);
    await button(page, keys.ready.test.again).click();
    await asks.waitFor({ state: 'detached' });
    await title(page, keys.ready.titleTested);
    await button(page, keys.done).click();
    await button(page, keys.all.open).click();
    await button(page, keys.actions('id_putty')).click();
    await by(page, 'menuitem', keys.all.details).click();
    await shows(dialog(page, 'id_putty'), keys.kept.title);
    await see('kept');
    await page.keyboard.press('Escape');
    clean();
  });

  test('are brought in from a PEM file that is dropped, with a passphrase of their own', async () => {
    const { page } = desk;
    const from = here('server.pem');
    execFileSync('openssl', ['genpkey', '-algorithm', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-aes256', '-pass', 'stdin', '-out', from], { input: first, stdio: 'pipe' });
    chmodSync(from, 0o600); // ssh-keygen reads no other
    await dropPaths(page, [from]);
    await title(page, copyText.bring.title('server.pem'));
    await field(page, keys.making.name).fill('id_nas');
    await field(page, copyText.bring.passphrase).fill(first);
    await page.getByLabel(copyText.bring.same).uncheck();
    await field(page, copyText.copy.new).fill(second);
    await field(page, keys.making.again).fill(second);
    await see('bring-pem');
    await button(page, copyText.bring.do).click();
    await expect.poll(() => field(page, keys.making.name).getAttribute('aria-invalid')).toBe('true');
    await see('bring-taken');
    await field(page, keys.making.name).fill('id_server');
    await page.keyboard.press('Enter');
    await title(page, copyText.bring.ready);
    expect([opens(ssh('id_server'), second), opens(ssh('id_server'), first)]).toEqual([opens(from, first), '']);
    await button(page, keys.later).click();
    clean();
  });
});
