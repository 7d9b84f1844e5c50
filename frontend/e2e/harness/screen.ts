// A screen that nobody sees, and the system's file dialogs on it.
import { execFileSync, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { end, start, until } from './processes';

export class Screen {
  #running: ChildProcess | null = null;
  #display = '';

  get display() {
    return this.#display;
  }

  async start() {
    // Xvfb finds a free display itself, and writes its number to the fourth stream.
    this.#running = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const [number] = (await once(this.#running.stdio[3] as Readable, 'data', { signal: AbortSignal.timeout(20_000) })) as [Buffer];
    this.#display = `:${number.toString().trim()}`;
  }

  async remove() {
    if (this.#running) await end(this.#running);
  }

  /** answer gives the file dialog with that title a path, or cancels it. It wants a screen that no other program uses. */
  async answer(title: string, path: string | null) {
    const env = { ...process.env, DISPLAY: this.#display };
    const find = () => spawnSync('xdotool', ['search', '--onlyvisible', '--name', `^${title}$`], { env, encoding: 'utf8' }).stdout.trim();
    const press = (...keys: string[]) => execFileSync('xdotool', keys, { env });
    await until(`the file dialog “${title}”`, () => find() !== '');
    press('windowfocus', '--sync', find());
    if (path === null) press('key', 'Escape');
    else {
      press('key', 'ctrl+a');
      press('type', path);
      press('key', 'Return');
    }
    await until(`the file dialog “${title}” has gone`, () => find() === '');
  }
}
