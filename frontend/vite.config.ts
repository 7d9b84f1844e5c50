import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// What is read until the first screen is there, compressed: the beginning, the
// window as a whole and its heaviest screen. What is heavier than this makes the
// window slower to appear.
const pageBar = 120 * 1024;

// weighed fails a build whose JavaScript passes the bar.
function weighed(): Plugin {
  return {
    name: 'weighed',
    apply: 'build',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const chunk = (name: string) => chunks.find((c) => c.fileName === name);
      const weigh = (names: Set<string>) => [...names].reduce((sum, name) => sum + gzipSync(chunk(name)?.code ?? '').length, 0);
      // read adds a chunk and what it needs to what is read already.
      const read = (name: string, before: Set<string>): Set<string> => {
        if (before.has(name)) return before;
        return (chunk(name)?.imports ?? []).reduce((all, next) => read(next, all), new Set(before).add(name));
      };
      const begin = chunks.find((c) => c.isEntry)?.fileName ?? '';
      const shell = chunks.find((c) => c.facadeModuleId?.endsWith('/src/Shell.svelte'))?.fileName;
      if (shell === undefined) this.error('There is no window to weigh: Shell.svelte is not loaded by itself.');
      const open = read(shell, read(begin, new Set()));
      // The first run and the locked window have no screen beside them, so they weigh less than what this makes of them.
      const screens = [...open].flatMap((name) => chunk(name)?.dynamicImports ?? []);
      const bytes = Math.max(...screens.map((name) => weigh(read(name, open))));
      const told = `${(bytes / 1024).toFixed(1)} of ${String(pageBar / 1024)} KB JavaScript until the first screen, gzip`;
      if (bytes > pageBar) this.error(`The page is too heavy: ${told}.`);
      this.info(`${told}; ${(weigh(new Set(chunks.map((c) => c.fileName))) / 1024).toFixed(1)} KB in all`);
    },
  };
}

// named tells build/licences, which runs next, the packages whose code is in the
// page.
function named(): Plugin {
  return {
    name: 'named',
    apply: 'build',
    generateBundle(_, bundle) {
      const folders = new Set<string>();
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue;
        for (const id of file.moduleIds) {
          const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
          if (folder !== undefined) folders.add(folder);
        }
      }
      this.emitFile({ type: 'asset', fileName: 'packages.txt', source: [...folders].join('\n') });
    },
  };
}

export default defineConfig({
  plugins: [svelte(), svelteTesting(), weighed(), named()],
  resolve: { alias: { $lib: fileURLToPath(new URL('./src/lib', import.meta.url)) } },
  build: {
    target: 'safari15',
    sourcemap: false,
    // The content security policy has no data: for scripts and fonts.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/lib/testing/setup.ts'],
    restoreMocks: true,
    maxWorkers: 2,
    testTimeout: 60_000, // it is for what hangs; how fast the page is, other checks say
  },
});
