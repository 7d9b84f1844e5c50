// A server that pretends to be AList, with as much in it as a test wants; and
// that misbehaves on demand, in ways that real ones do.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export type Mood = 'well' | 'slow' | 'html' | 'garbage' | 'huge' | 'redirect';

/** Names that have broken windows before. */
export const odd = {
  markup: '<img src=x onerror="document.title=1"><b>bold</b>',
  rightToLeft: 'safe\u202Egnp.exe',
  emoji: '👩‍👩‍👧‍👦 الحاسوب',
  long: 'W'.repeat(200),
};

export class Pretend {
  mood: Mood = 'well';
  /** By how many seconds its clock is ahead. */
  ahead = 0;
  address = '';
  #server: Server;

  constructor(
    readonly devices: string[],
    readonly keys: string[] = [],
  ) {
    this.#server = createServer((ask, reply) => void this.#answer(ask, reply).catch(() => reply.destroy()));
  }

  async start() {
    const port = this.address ? Number(new URL(this.address).port) : 0;
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.address = `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(ask: IncomingMessage, reply: ServerResponse) {
    ask.resume();
    reply.setHeader('Date', new Date(Date.now() + this.ahead * 1000).toUTCString());
    switch (this.mood) {
      case 'slow':
        await sleep(10_000);
        break;
      case 'html':
        reply.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Router</title><h1>Welcome</h1>');
        return;
      case 'garbage':
        reply.setHeader('Content-Type', 'application/json').end(Buffer.from([0, 255, 254, 123, 34]));
        return;
      case 'huge':
        reply.setHeader('Content-Type', 'application/json').end(`{"code":200,"message":"${'x'.repeat(10_000_000)}"}`);
        return;
      case 'redirect':
        reply.writeHead(302, { Location: 'https://elsewhere.example/' }).end();
        return;
    }
    const { pathname } = new URL(ask.url ?? '/', 'http://pretend');
    if (pathname === '/ping') reply.end('pong');
    else reply.setHeader('Content-Type', 'application/json').end(JSON.stringify({ code: 200, message: 'success', data: this.#data(pathname) }));
  }

  #data(path: string): unknown {
    const now = Math.floor(Date.now() / 1000);
    switch (path) {
      case '/api/public/settings':
        return { site_title: 'Pretend', version: 'v3.62.0' };
      case '/api/auth/login':
      case '/api/auth/login/hash':
        return { token: 'a.b.c', device_key: id(0) };
      case '/api/me':
        return { id: 1, username: 'ann', base_path: '/', role: [2], permission: 0, otp: false, role_names: ['admin'], permissions: [{ path: '/', permission: 3080 }] };
      case '/api/me/sessions':
        return this.devices.map((ua, n) => ({ session_id: id(n), last_active: now - n, status: 0, ua, ip: '10.*.*.6' }));
      case '/api/me/sshkey/list': {
        const at = '2026-11-20T20:17:30Z';
        const content = this.keys.map((title, n) => ({
          id: n + 1, title, fingerprint: `SHA256:${createHash('sha256').update(title).digest('base64').replace('=', '')}`, added_time: at, last_used_time: at,
        }));
        return { content, total: content.length };
      }
      default:
        return null;
    }
  }
}

const id = (n: number) => createHash('md5').update(String(n)).digest('hex');
