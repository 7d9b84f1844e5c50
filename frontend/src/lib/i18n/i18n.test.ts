import { describe, expect, test } from 'vitest';
import { catalogue, countdown, duration, list, plural, relative, setLanguage, spaced } from '.';

const t = catalogue(
  { hello: 'Hello', nested: { bye: 'Bye' }, devices: (n: number) => `${n} ${plural(n, { one: 'device', other: 'devices' })}` },
  { hello: '你好', nested: { bye: '再见' }, devices: (n) => `${n} 台设备` },
);

test('a catalogue speaks the language in use', () => {
  expect([t.hello, t.nested.bye, t.devices(1), t.devices(3)]).toEqual(['Hello', 'Bye', '1 device', '3 devices']);
  setLanguage('zh-CN');
  expect([t.hello, t.nested.bye, t.devices(3)]).toEqual(['你好', '再见', '3 台设备']);
  expect(document.documentElement.lang).toBe('zh-CN');
});

test('an empty choice follows the system', () => {
  setLanguage('');
  expect(document.documentElement.lang).toBe('en');
});

describe('relative', () => {
  const now = Date.UTC(2026, 10, 20, 12);
  test.each([
    [0, 'now', '现在'],
    [59_000, 'now', '现在'],
    [4 * 60_000, '4 minutes ago', '4 分钟前'],
    [2 * 3_600_000, '2 hours ago', '2 小时前'],
    [25 * 3_600_000, 'yesterday', '昨天'],
  ])('%i ms ago', (ago, en, zh) => {
    expect(relative(now - ago, now)).toBe(en);
    setLanguage('zh-CN');
    expect(relative(now - ago, now)).toBe(zh);
  });
  test.each([
    [7 * 86_400_000 - 60_000, 'in 7 days', '7 天后'],
    [86_400_000 - 60_000, 'in 24 hours', '24 小时后'],
    [59_000, 'now', '现在'],
  ])('in %i ms', (left, en, zh) => {
    expect(relative(now + left, now)).toBe(en);
    setLanguage('zh-CN');
    expect(relative(now + left, now)).toBe(zh);
  });
  test('a month ago is a date', () => {
    expect(relative(now - 40 * 86_400_000, now)).toMatch(/October 11, 2026|11 October 2026/);
  });
});

test.each([
  [1, '1 second'],
  [89, '89 seconds'],
  [300, '5 minutes'],
  [301, '6 minutes'],
  [7200, '2 hours'],
])('duration of %i seconds', (seconds, want) => {
  expect(duration(seconds)).toBe(want);
});

test.each([
  [0, '0:00'],
  [59, '0:59'],
  [272, '4:32'],
])('a countdown of %i seconds', (seconds, want) => {
  expect(countdown(seconds)).toBe(want);
});

test.each([
  ['4分钟前', '4 分钟前'],
  ['前往SFTP密钥', '前往 SFTP 密钥'],
  ['前往设备', '前往设备'],
  ['Go to 4 devices', 'Go to 4 devices'],
])('spaced(%s)', (text, want) => {
  expect(spaced(text)).toBe(want);
});

test('words in a row', () => {
  expect(list(['Administrator', 'ops'])).toBe('Administrator and ops');
  setLanguage('zh-CN');
  expect(list(['管理员', 'ops'])).toBe('管理员和 ops');
});
