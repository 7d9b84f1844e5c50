import { expect, test } from 'vitest';
import { dayOf, endIn, endOf, free, hasExpired, lastDay, limits, trimmed } from './rules';

test('a day ends when the next one begins, here', () => {
  const end = new Date(2030, 11, 32).getTime();
  expect(endOf('2030-12-31')).toBe(end);
  expect(endOf(' 2030-12-31 ')).toBe(end);
  expect(dayOf(lastDay({ ...free, expiresAt: end }))).toBe('2030-12-31');
  expect(endIn(1, new Date(2030, 11, 30, 23, 59).getTime())).toBe(end);
});

test('what is no day is over, so that no server takes it', () => {
  for (const day of ['', 'tomorrow', '2030-13-01', '2030-02-30', '2030-1-1', '20301231', '0000-01-01']) {
    expect(hasExpired({ ...free, expiresAt: endOf(day) }, Date.now()), day).toBe(true);
  }
});

test('limits in words', () => {
  const at = new Date(2030, 2, 4).getTime();
  const all = { expiresAt: at, from: '10.0.0.0/8,fd00::/8', readOnly: true, folder: '/photos' };
  expect(limits(free, at)).toEqual([]);
  expect(hasExpired(free, at)).toBe(false);
  expect(limits(all, at - 1)).toEqual(['read only', 'until March 3, 2030', 'only /photos', 'only from 10.0.0.0/8, fd00::/8']);
  expect(limits(all, at - 1, true)).toContain('only from some addresses');
  expect([hasExpired(all, at - 1), hasExpired(all, at)]).toEqual([false, true]);
  expect(limits(all, at)).not.toContain('until March 3, 2030');
  expect(trimmed({ ...all, from: ' 10.0.0.1 ', folder: ' /a ' })).toEqual({ ...all, from: '10.0.0.1', folder: '/a' });
});
