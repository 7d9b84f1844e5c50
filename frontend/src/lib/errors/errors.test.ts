import { describe, expect, test } from 'vitest';
import { ProblemError } from '$lib/backend';
import { setLanguage } from '$lib/i18n';
import { oddChinese } from '../testing/chinese';
import { goKnows, goSays } from '../testing/go';
import { chinese } from './chinese';
import { english } from './english';
import { say } from '.';
import type { Sentences } from './sentences';

const problem = (code: string, more = {}) => new ProblemError({ code, ...more });

test('a sentence is chosen by code and language', () => {
  const p = problem('disk_full', { message: 'The disk is full.' });
  expect(say(p)).toBe('The disk is full.');
  setLanguage('zh-CN');
  expect(say(p)).toBe('磁盘已满。请腾出空间后重试。');
});

test('what a person in the window cannot do is said in other words', () => {
  expect(say(problem('already_running', { message: 'Use --data.' }))).toBe('Another Latchkey is serving this data folder already. Stop it first.');
});

test.each([
  ['a wait', problem('too_many_attempts', { retryAfter: 300 }), /Wait 5 minutes/, /请等 5 分钟后再试/],
  ['a wait of unknown length', problem('too_many_attempts'), /a few minutes/, /请等几分钟后再试/],
  ['words of a server', problem('server_refused', { message: 'The server refused that: no' }), /that: no$/, /回答：no$/],
  ['no words of a server', problem('server_refused', { message: 'No.' }), /^No\.$/, /没有说明原因/],
  ['a name', problem('ssh_key_option_unknown', { message: 'The option "command" is not supported.' }), /"command"/, /选项“command”不受支持/],
  ['a number', problem('password_too_short', { message: 'needs at least 12 characters' }), /at least 12 /, /至少需要 12 个/],
  ['a code that is not known', problem('brand_new', { message: 'From Go.' }), /^From Go\.$/, /^From Go\.$/],
  ['nothing at all', problem('brand_new'), /Latchkey made a mistake/, /Latchkey 出错了/],
])('%s', (_, p, en, zh) => {
  expect(say(p)).toMatch(en);
  setLanguage('zh-CN');
  expect(say(p)).toMatch(zh);
});

describe('the codes of Go', () => {
  const codes = [...goSays().keys()];
  const pages = ['page_alone', 'page_no_answer', 'page_failed', 'page_camera_denied']; // which the page finds out itself
  const keys = (all: Sentences) => Object.keys(all).filter((code) => !pages.includes(code));

  test('are found', () => {
    expect(codes.length).toBeGreaterThan(100);
  });
  // So that no Chinese screen shows an English error.
  test('have a sentence each in Chinese', () => {
    expect(codes.filter((code) => !(code in chinese))).toEqual([]);
  });
  test('are all that has a sentence', () => {
    const spoken = [...keys(chinese), ...keys(english)];
    expect(goKnows(spoken)).toEqual(spoken);
  });
  test('the sentences are written as Chinese is', () => {
    expect(Object.entries(chinese).filter(([, sentence]) => oddChinese.test(String(sentence)))).toEqual([]);
  });
});
