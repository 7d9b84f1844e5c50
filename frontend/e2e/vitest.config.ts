import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  plugins: [svelte({ configFile: here('../svelte.config.js') })],
  resolve: {
    alias: [
      // The texts of the page are read here too; which language they are in the tests say.
      { find: /^.*\/language\.svelte$/, replacement: here('harness/language.ts') },
      { find: '$lib', replacement: here('../src/lib') },
    ],
  },
  test: {
    include: ['*.test.ts'],
    globalSetup: [here('harness/setup.ts')],
    setupFiles: [here('harness/failures.ts')],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 10_000 } }, // as the page's own waits
  },
});
