// What all tests share: a screen for the program's own window, and a browser.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { filmOf, onCamera } from './pictures';
import { binary, page } from './places';
import { Screen } from './screen';

declare module 'vitest' {
  interface ProvidedContext {
    display: string;
    browser: string;
  }
}

export default async function setUp(project: TestProject) {
  if (!existsSync(binary)) throw new Error(`There is no ${binary}. Make it with: go build -tags dev,webkit2_41 -o build/bin/latchkey-dev .`);
  if (!existsSync(`${page}/index.html`)) throw new Error(`There is no page in ${page}. Make it with: npm run build`);

  const screen = new Screen();
  await screen.start();
  project.provide('display', screen.display);

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
    await screen.remove();
  };
}
