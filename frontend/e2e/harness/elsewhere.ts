// A server elsewhere: another real Latchkey, without a window.
import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary } from './places';
import { end, start, until } from './processes';

export class Elsewhere {
  readonly data = mkdtempSync(join(tmpdir(), 'latchkey-e2e-server-'));
  /** Of the user `admin`. */
  readonly password = 'staple battery horse';
  address = '';
  /** Of its TLS certificate, as it prints it; empty without TLS. */
  fingerprint = '';
  #running: ChildProcess | null = null;

  constructor(readonly tls = false) {}

  /** start runs it; after the first time at the same address. */
  async start() {
    const host = this.tls ? '0.0.0.0' : '127.0.0.1'; // on this machine alone it is plain
    const port = this.address ? new URL(this.address).port : '0';
    this.#running = start(binary, ['serve', '--http', `${host}:${port}`, '--sftp', '127.0.0.1:0', ...(this.tls ? ['--lan'] : [])], {
      env: this.#environment(),
    });
    let said = '';
    for (const stream of [this.#running.stdout, this.#running.stderr]) stream?.on('data', (text: Buffer) => (said += text.toString()));
    await until('another server', () => said.includes('\nready ') || said.startsWith('ready '));
    this.address = /ready http=(\S+)/.exec(said)?.[1] ?? '';
    this.fingerprint = /TLS certificate +(\S+)/.exec(said)?.[1] ?? '';
  }

  #environment() {
    return { PATH: process.env['PATH'], HOME: this.data, LATCHKEY_DATA: this.data, LATCHKEY_ADMIN_PASSWORD: this.password };
  }

  /** command gives one of its commands to it, such as `user add ann`. */
  command(args: string[], input = '') {
    return execFileSync(binary, args, { env: this.#environment(), input, encoding: 'utf8', stdio: 'pipe', timeout: 30_000 });
  }

  async stop() {
    if (this.#running) await end(this.#running, 'SIGTERM');
    this.#running = null;
  }

  async remove() {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }
}
