// Another device of somebody: what it asks of a server goes through the AList API.
export class Device {
  private constructor(
    readonly address: string,
    readonly headers: Record<string, string>,
  ) {}

  /** signIn signs in with the name of a program; each call is a device of its own. */
  static async signIn(address: string, who: { username: string; password: string }, agent = 'rclone/v1.68.2'): Promise<Device> {
    const device = new Device(address, { 'Content-Type': 'application/json', 'Client-Id': crypto.randomUUID(), 'User-Agent': agent });
    const { token } = await device.ask<{ token: string }>('POST', '/api/auth/login', who);
    device.headers['Authorization'] = token;
    return device;
  }

  /** ask calls the server, and fails if it refuses. */
  async ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const reply = await fetch(new URL(path, this.address), {
      method,
      headers: this.headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const { code, message, data } = (await reply.json()) as { code: number; message: string; data: T };
    if (code !== 200) throw new Error(`${method} ${path}: ${code} ${message}`);
    return data;
  }

  /** isSignedIn tells whether the server still takes its token. */
  async isSignedIn(): Promise<boolean> {
    return this.ask('GET', '/api/me/sessions').then(
      () => true,
      () => false,
    );
  }
}
