// The real ssh-agent, for programs that are started with its socket.
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, start, until } from './processes';

export class SSHAgent {
  #folder = mkdtempSync(join(tmpdir(), 'a-')); // a socket's path is short
  #running: ChildProcess | null = null;
  readonly socket = join(this.#folder, 's');

  async start() {
    this.#running = start('ssh-agent', ['-D', '-a', this.socket], { stdio: 'ignore' });
    await until('the SSH agent listens', () => existsSync(this.socket));
  }

  async remove() {
    if (this.#running) await end(this.#running, 'SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
