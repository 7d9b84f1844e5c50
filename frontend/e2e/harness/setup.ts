// What all tests share: a screen for the program's own window, and a browser.
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { filmOf, onCamera } from './pictures';
import { end, start } from './processes';
import { binary, page } from './places';

declare module 'vitest' {
  interface ProvidedContext {
    display: string;
    browser: string;
  }
}

export default async function setUp(project: TestProject) {
  if (!existsSync(binary)) throw new Error(`There is no ${binary}. Make it with: go build -tags dev,webkit2_41 -o build/bin/latchkey-dev .`);
  if (!existsSync(`${page}/index.html`)) throw new Error(`There is no page in ${page}. Make it with: npm run build`);

  // Xvfb finds a free display itself, and writes its number to the fourth stream.
  const screen = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = (await once(screen.stdio[3] as Readable, 'data', { signal: AbortSignal.timeout(20_000) })) as [Buffer];
  project.provide('display', `:${number.toString().trim()}`);

  // Its camera looks at a QR code, and is allowed.
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-film-'));
  const film = join(folder, 'film.mjpeg');
  writeFileSync(film, filmOf(onCamera));
  const browser = await chromium.launchServer({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${film}`,
    ],
  });
  project.provide('browser', browser.wsEndpoint());

  return async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
    await end(screen);
  };
}
