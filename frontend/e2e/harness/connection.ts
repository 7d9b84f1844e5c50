// A connection over SFTP that stays open, by OpenSSH's own client.
import { execFileSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { text as devices } from '../../src/features/devices/text';
import type { Device } from './device';
import { button } from './page';
import { end, start } from './processes';

/** listed loads the list of devices anew until what is written of a connection stands there once. */
export const listed = (page: Page, written: string) =>
  expect
    .poll(async () => {
      await button(page, devices.refresh).click();
      return page.getByText(written).count();
    }, { timeout: 60_000 })
    .toBe(1);

export class Connection {
  private constructor(
    readonly dir: string,
    readonly client: ChildProcess,
  ) {}

  /** open uploads a new key under a title, as who is signed in on a device, and connects with it. */
  static async open(sftp: string, device: Device, username: string, title: string): Promise<Connection> {
    const dir = mkdtempSync(join(tmpdir(), 'latchkey-sftp-'));
    const key = join(dir, 'id');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    await device.ask('POST', '/api/me/sshkey/add', { title, key: readFileSync(`${key}.pub`, 'utf8') });
    const { hostname, port } = new URL(`sftp://${sftp}`);
    const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${join(dir, 'known')}`, 'BatchMode=yes', 'IdentitiesOnly=yes'];
    const client = start(
      'ssh',
      ['-F', 'none', ...options.flatMap((o) => ['-o', o]), '-i', key, '-p', port, '-N', `${username}@${hostname}`],
    );
    return new Connection(dir, client);
  }

  /** isOpen tells whether the client is still connected, or on the way to it. */
  get isOpen(): boolean {
    return this.client.exitCode === null && this.client.signalCode === null;
  }

  async close(): Promise<void> {
    await end(this.client);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
