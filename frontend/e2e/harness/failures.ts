// A picture of what was on the screen when a test failed.
import { join } from 'node:path';
import { onTestFailed, beforeEach } from 'vitest';
import { openPages } from './page';
import { pictures } from './places';

beforeEach(() => {
  onTestFailed(async ({ task }) => {
    if (!pictures) return;
    const name = `${task.file.name}-${task.name}`.replace(/[^\p{L}\p{N}]+/gu, '-');
    for (const [n, page] of [...openPages].entries()) await page.screenshot({ path: join(pictures, `failed-${name}-${n}.png`) });
  });
});
