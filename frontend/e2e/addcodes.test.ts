import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { text as codes } from '../src/features/codes/text';
import { text as add } from '../src/features/codes/add/text';
import { text as shell } from '../src/text';
import { useDesk } from './harness/desk';
import { languages } from './harness/language';
import { look, rings } from './harness/looks';
import { button, by, call, field, goTo, shows, title } from './harness/page';
import { backupOf, drop, paste, pasteText, qrOf } from './harness/pictures';

const github = 'otpauth://totp/GitHub:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub';
const renewed = 'otpauth://totp/GitHub:ann?secret=ONSWG4TFOQQHG5DS&issuer=GitHub';
const parts = [
  'otpauth-migration://offline?data=ChsKCkhlbGxvId6tvu8SA29uZRoCRXggASgBMAIQARgCIAAoBw%3D%3D',
  'otpauth-migration://offline?data=ChsKCkhlbGxvId6tvvASA3R3bxoCRXggASgBMAIQARgCIAEoBw%3D%3D',
];
// What Go says, in both languages.
const said = {
  secret: /not the secret of a code|这不是验证码的密钥/,
  password: /not the password of this backup|密码不对/,
  webLink: /a web link, not the setup|这是网页链接/,
};

describe.each(languages)('codes are added in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring' });
  const found: string[] = [];
  const see = async (name: string) => found.push(...(await look(desk.page, `${language}-add-${name}`)));
  const open = async (): Promise<Page> => {
    await call(desk.page, 'Intake.Clear'); // whatever a test before has left
    const page = await again();
    await title(page, add.title);
    return page;
  };
  /** again opens a new page, and the surface on it. */
  const again = async (): Promise<Page> => {
    const page = await desk.reopen();
    await goTo(page, shell.screens.codes);
    await button(page, codes.add).first().click();
    return page;
  };
  const keep = async (page: Page, n: number) => {
    await button(page, add.add(n)).click();
    await shows(page, codes.added(n));
  };
  const row = (page: Page, name: string) => by(page, 'list', add.found).getByRole('listitem').filter({ hasText: name });

  test('from a picture that is pasted', async () => {
    const page = await open();
    await see('1-empty');
    found.push(...(await rings(page)));
    await paste(page, qrOf(github), 'image/png');
    await title(page, add.titleFound(1));
    await see('2-found');
    await keep(page, 1);
  });

  test('from a text that is pasted, beside one of the same name', async () => {
    const page = await open();
    await pasteText(page, `${renewed}\n${github}`);
    await shows(page, add.known);
    await row(page, add.namesake).getByRole('checkbox').check();
    await see('3-namesake');
    await keep(page, 1);
  });

  test('from files that are dropped: two parts of an export, one after the other', async () => {
    const page = await open();
    await drop(page, qrOf(parts[1] ?? ''), 'part2.png');
    await shows(page, add.batchText([1]));
    await see('4-part');
    await drop(page, qrOf(parts[0] ?? ''), 'part1.png');
    await title(page, add.titleFound(2));
    await keep(page, 2);
  });

  test('by typing', async () => {
    const page = await open();
    await button(page, add.ways.type).click();
    await field(page, add.secret).fill('not base32 at all!');
    await field(page, add.issuer).fill('NAS');
    await button(page, add.typeDo).click();
    await shows(page, said.secret);
    await page.getByText(add.advanced, { exact: true }).click();
    await see('5-type');
    await field(page, add.secret).fill('mfrg gzdf mztw q2lk');
    await field(page, add.digits).fill('8');
    await button(page, add.typeDo).click();
    await title(page, add.titleFound(1));
    await shows(page, new RegExp(add.kind.digits(8)));
    await keep(page, 1);
  });

  test('from what the camera sees, which is off then', async () => {
    const page = await open();
    await button(page, add.ways.camera).click();
    await see('6-camera-off');
    await button(page, add.cameraOn).click();
    await title(page, add.titleFound(1));
    await shows(page, 'Doorbell');
    expect(await page.locator('video').count()).toBe(0);
    await keep(page, 1);
  });

  test('from a backup that asks for its password', async () => {
    const page = await open();
    await drop(page, backupOf('right'), 'aegis.json');
    const password = field(page, add.password);
    await password.fill('wrong');
    await button(page, add.open).click();
    await shows(page, said.password);
    expect(await password.inputValue()).toBe('wrong');
    await see('6-password');
    await password.fill('right');
    await button(page, add.open).click();
    await title(page, add.titleFound(1));
    await button(page, add.discard).click();
    await title(page, add.title);
  });

  test('says what a picture is instead, and looks where somebody shows', async () => {
    const page = await open();
    await paste(page, qrOf('https://example.com/2fa'), 'image/png');
    await shows(page, said.webLink);
    await drop(page, blank(60), 'small.png');
    await shows(page, add.small(60, 60));
    const frame = button(page, add.frame);
    await frame.waitFor();
    await frame.press('ArrowRight');
    await button(page, add.readPart).click();
    await see('7-missed');
    const reloaded = await again();
    await shows(reloaded, add.small(60, 60)); // nothing was lost
    await button(reloaded, add.discard).click();
    await title(reloaded, add.title);
  });

  test('two hundred at once, from the backup of another app', async () => {
    const page = await open();
    const lines = Array.from({ length: 200 }, (_, n) => `otpauth://totp/${n % 7 ? 'Site' : 'شركة الاتصالات'}%20${n}:${'long.name.'.repeat(n % 9)}ann@example.com?secret=GEZDGNBVGY3TQO${'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n % 26]}${'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[Math.floor(n / 26)]}`);
    await drop(page, Buffer.from(lines.join('\n')), 'codes.txt');
    await title(page, add.titleFound(200));
    await shows(page, add.plainText);
    await see('8-many');
    await keep(page, 200);
    expect((await call<{ entries: unknown[] }>(page, 'Codes.List')).entries).toHaveLength(206);
  });

  test('and it looks right all the way', () => expect(found).toEqual([]));

  function blank(side: number): Buffer {
    const file = join(desk.program.folder, `blank-${side}.png`);
    writeFileSync(`${file}.pgm`, Buffer.concat([Buffer.from(`P5 ${side} ${side} 255\n`), Buffer.alloc(side * side, 255)]));
    execFileSync('convert', [`${file}.pgm`, file]);
    return readFileSync(file);
  }
});
