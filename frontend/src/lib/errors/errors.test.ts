import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '$lib/backend';
import { setLanguage } from '$lib/i18n';
import { say } from '.';

const problem = (code: string, more = {}) => new ProblemError({ code, ...more });

test('a sentence is chosen by code and language', () => {
  const p = problem('disk_full', { message: 'from Go' });
  expect(say(p)).toBe('The disk is full. Make room and try again.');
  setLanguage('zh-CN');
  expect(say(p)).toBe('磁盘已满。请腾出空间后重试。');
});

test.each([
  ['a wait', problem('too_many_attempts', { retryAfter: 300 }), /Wait 5 minutes/, /请等 5 分钟后再试/],
  ['a wait of unknown length', problem('too_many_attempts'), /a few minutes/, /请等几分钟后再试/],
  ['words of a server', problem('server_refused', { message: 'The server refused that: no' }), /said: no$/, /回答：no$/],
  ['no words of a server', problem('server_refused', { message: 'No.' }), /without saying why/, /没有说明原因/],
  ['a number', problem('password_too_short', { message: 'needs at least 12 characters' }), /at least 12 /, /至少需要 12 个/],
  ['a code that is not known', problem('brand_new', { message: 'From Go.' }), /^From Go\.$/, /^From Go\.$/],
  ['nothing at all', problem('brand_new'), /Latchkey made a mistake/, /Latchkey 出错了/],
])('%s', (_, p, en, zh) => {
  expect(say(p)).toMatch(en);
  setLanguage('zh-CN');
  expect(say(p)).toMatch(zh);
});

// Every code that the desktop's packages of Go can answer with has a sentence,
// so that no Chinese screen shows an English error.
describe('the codes of Go', () => {
  const backend = join(import.meta.dirname, '../../../../backend');
  const app = join(backend, '../app');
  const places = [app, ...['companion', 'credential/sshkey', 'server', 'internal/disk', 'internal/seal'].map((p) => join(backend, p))];
  const files = places.flatMap((p) =>
    readdirSync(p, { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('.go') && !f.endsWith('_test.go'))
      .map((f) => join(p, f)),
  );
  const made = /(?:NewError\([^,()]+,|InvalidField\("\w+",|refusal\(|Code:)\s*"([a-z][a-z0-9_]+)"/g;
  const codes = new Set(files.flatMap((f) => [...readFileSync(f, 'utf8').matchAll(made)].map((m) => m[1] ?? '')));
  // The command line and the start of the window say these, before there is a page.
  for (const early of ['no_window', 'no_display', 'window_failed']) codes.delete(early);

  test('are found', () => {
    expect(codes.size).toBeGreaterThan(100);
  });
  test('have a sentence each', () => {
    setLanguage('zh-CN');
    const silent = [...codes].filter((code) => !/\p{Script=Han}/u.test(say(problem(code, { message: 'From Go.' }))));
    expect(silent).toEqual([]);
  });
});
