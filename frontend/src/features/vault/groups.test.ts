import { expect, test } from 'vitest';
import { composed, twoOf } from './groups';

const key = 'AB10-EFGH-JKMN-PQRS-TVWX-YZ23-4567-89AB';

test('two different groups, in their order', () => {
  for (let i = 0; i < 200; i++) {
    const [a, b] = twoOf(key);
    expect(a).toBeGreaterThanOrEqual(0);
    expect(b).toBeGreaterThan(a);
    expect(b).toBeLessThan(8);
  }
});

test.each([
  ['two groups', [[0, 'ab10'], [2, ' jkmn ']], 'ab10-EFGH- jkmn -PQRS-TVWX-YZ23-4567-89AB'],
  ['a wrong one', [[0, 'AB1O'], [2, 'JKMM']], 'AB1O-EFGH-JKMM-PQRS-TVWX-YZ23-4567-89AB'],
  ['the whole key in one field', [[0, key], [2, '']], key],
  ['the whole key in the second field', [[0, ''], [2, key.toLowerCase()]], key.toLowerCase()],
] as const)('%s', (_, typed, want) => {
  expect(composed(key, new Map(typed))).toBe(want);
});
