import { describe, expect, test } from 'vitest';
import { best, rank } from './match';

describe('rank', () => {
  test.each([
    ['Go to SFTP keys', '', 0],
    ['Go to SFTP keys', 'key', 0],
    ['Go to SFTP keys', 'KEYS go', 0],
    ['Go to SFTP keys', 'ftp', 1],
    ['Go to SFTP keys', 'gsk', 2],
    ['Go to SFTP keys', 'skg', -1],
    ['Déconnecter', 'deco', 0],
    ['前往 SFTP 密钥', '密钥', 0],
    ['锁定保险库', '保险', 1],
    ['锁定保险库', '锁库', 2],
    ['锁定保险库', '开', -1],
  ])('%s by %j', (title, typed, want) => {
    expect(rank(title, typed)).toBe(want);
  });
});

test('the best comes first, and equals keep their order', () => {
  const all = ['Lock the vault', 'Shortcuts', 'Sign out', 'Go to Account'];
  expect(best(all, (s) => s, 'o')).toEqual(['Sign out', 'Lock the vault', 'Shortcuts', 'Go to Account']);
  expect(best(all, (s) => s, '')).toEqual(all);
});
