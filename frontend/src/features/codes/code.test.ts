import { describe, expect, test } from 'vitest';
import * as samples from '$lib/backend/samples';
import { grouped, leftShort, nameOf, readTags, shownAt, stale, tagsOf } from './code';

test.each([
  ['12345', ['12345']],
  ['2BCDF', ['2BCDF']],
  ['123456', ['123', '456']],
  ['1234567', ['123', '4567']],
  ['12345678', ['1234', '5678']],
  ['123456789', ['123', '456', '789']],
  ['1234567890', ['12345', '67890']],
])('%s is read in groups', (code, want) => {
  expect(grouped(code)).toEqual(want);
});

describe('a code at a moment', () => {
  const until = samples.noon + 30_000;
  const code = { id: 'c1', text: '111111', next: '222222', step: 7, until };
  test.each([
    ['at its beginning', until - 30_000, { text: '111111', next: '222222', step: 7, left: 30 }],
    ['just before its end', until - 1, { text: '111111', next: '222222', step: 7, left: 1 }],
    ['at its end is the next', until, { text: '222222', next: '', step: 8, left: 30 }],
    ['at the end of the next', until + 29_999, { text: '222222', next: '', step: 8, left: 1 }],
    ['after that is unknown', until + 30_000, null],
    ['before its time is unknown', until - 30_001, null],
  ])('%s', (_, now, want) => {
    expect(shownAt(code, 30, now)).toEqual(want);
    expect(stale(code, 30, now)).toBe(want?.step !== 7);
  });
  test('that was never asked for', () => {
    expect([shownAt(undefined, 30, until), stale(undefined, 30, until)]).toEqual([null, true]);
  });
  test('of HOTP stays', () => {
    expect(shownAt({ ...code, next: '', until: 0 }, 0, 0)).toEqual({ text: '111111', next: '', step: 7, left: 0 });
  });
});

test('names and tags', () => {
  expect(nameOf({ issuer: 'GitHub', account: 'ann' })).toBe('GitHub (ann)');
  expect(nameOf({ issuer: '', account: 'ann' })).toBe('ann');
  expect(tagsOf(samples.codeEntries)).toEqual(['money', 'work']);
  expect([5, 99, 100, 86_400].map(leftShort)).toEqual(['5', '99', '2m', '24h']);
  expect(readTags(' work，家, ,bank、a')).toEqual(['work', '家', 'bank', 'a']);
});
