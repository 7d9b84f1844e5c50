import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// All JavaScript of the page together, compressed. What is heavier than this
// makes the window slower to appear.
const pageBar = 120 * 1024;

// weighed fails a build whose JavaScript passes the bar.
function weighed(): Plugin {
  return {
    name: 'weighed',
    apply: 'build',
    generateBundle(_, bundle) {
      let bytes = 0;
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') bytes += gzipSync(file.code).length;
      }
      const told = `${(bytes / 1024).toFixed(1)} of ${String(pageBar / 1024)} KB JavaScript, gzip`;
      if (bytes > pageBar) this.error(`The page is too heavy: ${told}.`);
      this.info(told);
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
  },
});
