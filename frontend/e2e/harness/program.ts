// The program as it runs on somebody's computer: its own home, session bus,
// keyring and data, all in a folder that goes with it.
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { binary, page } from './places';
import { end, start, sweep, until } from './processes';

/** The keyring of the system: unlocked, there but locked, or none at all. */
export type Keyring = 'open' | 'locked' | 'none';

const unlock = 'printf keyring-password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$0"';

/** freePort is a port that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, (reply) => resolve(reply.resume().statusCode === 200)).on('error', () => resolve(false));
  });
}

export class Program {
  readonly folder = mkdtempSync(join(tmpdir(), 'latchkey-e2e-'));
  readonly data = join(this.folder, 'data');
  readonly home = join(this.folder, 'home');
  /** Where the browser finds the page. It stays through restarts. */
  url = '';
  #running: ChildProcess | null = null;
  #said = '';

  constructor(
    readonly keyring: Keyring,
    readonly environment: Record<string, string> = {},
  ) {
    process.once('exit', () => sweep(this.folder));
    for (const folder of [this.home, join(this.folder, 'run')]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** start runs it until its page is there. */
  async start() {
    this.url ||= `http://127.0.0.1:${await freePort()}/`;
    const command = this.keyring === 'open' ? ['dbus-run-session', '--', 'sh', '-c', unlock, binary] : ['dbus-run-session', '--', binary];
    const [first = binary, ...rest] = this.keyring === 'none' ? [binary] : command;
    this.#running = start(first, rest, { env: this.#environment(), cwd: this.home });
    for (const stream of [this.#running.stdout, this.#running.stderr]) stream?.on('data', (text: Buffer) => (this.#said += text.toString()));
    try {
      await until(`page at ${this.url}`, () => answers(this.url));
    } catch (late) {
      throw new Error(`The program did not start. It said:\n${this.#said}`, { cause: late });
    }
  }

  #environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      DISPLAY: inject('display'),
      HOME: this.home,
      XDG_CONFIG_HOME: join(this.home, '.config'),
      XDG_DATA_HOME: join(this.home, '.local/share'),
      XDG_CACHE_HOME: join(this.home, '.cache'),
      XDG_RUNTIME_DIR: join(this.folder, 'run'),
      // A bus that is not there, because a missing one is started by itself.
      ...(this.keyring === 'none' && { DBUS_SESSION_BUS_ADDRESS: `unix:path=${this.folder}/none` }),
      LATCHKEY_DATA: this.data,
      LATCHKEY_HTTP: '127.0.0.1:0',
      LATCHKEY_SFTP: '127.0.0.1:0',
      assetdir: page,
      devserver: new URL(this.url).host,
      loglevel: 'Error',
      ...this.environment,
    };
  }

  /** stop ends it, as the person does or as a loss of power does. */
  async stop(how: 'SIGTERM' | 'SIGKILL' = 'SIGKILL') {
    if (this.#running) await end(this.#running, how);
    this.#running = null;
    sweep(this.folder);
  }

  /** remove ends it and leaves nothing behind. */
  async remove() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
