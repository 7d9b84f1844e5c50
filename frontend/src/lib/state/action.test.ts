import { expect, test } from 'vitest';
import { action } from '.';

const later = () => new Promise<void>((resolve) => setTimeout(resolve));

test.each([
  [false, ['first'], [true, false, false]],
  [true, ['first', 'second', 'third'], [true, true, true]],
])('pressed while under way, with turns %s', async (turns, want, answers) => {
  const done: string[] = [];
  const act = action(
    async (what: string) => {
      await later();
      done.push(what);
    },
    { turns },
  );
  expect(await Promise.all(['first', 'second', 'third'].map((what) => act.run(what)))).toEqual(answers);
  expect(done).toEqual(want);
  expect(act.busy).toBe(false);
});
