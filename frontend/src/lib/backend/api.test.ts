import { afterEach, describe, expect, test, vi } from 'vitest';
import { api, on } from '.';
import { fakeBackend, never, refuse } from './fake';

afterEach(() => vi.useRealTimers());

test('an answer comes through', async () => {
  const backend = fakeBackend({ vault: { strength: () => ({ level: 3, weakness: '' }) } });
  expect(await api.vault.strength('four words')).toEqual({ level: 3, weakness: '' });
  expect(backend.called('vault.strength')).toEqual([['four words']]);
});

test('without Wails a call fails at once', async () => {
  await expect(api.servers.list()).rejects.toMatchObject({ code: 'page_alone' });
});

test('a method that Go does not have fails at once', async () => {
  fakeBackend();
  delete window.go?.app?.['Servers']?.['List'];
  await expect(api.servers.list()).rejects.toMatchObject({ code: 'page_alone', details: 'page_alone\nServers.List' });
});

describe('a call that gets no answer', () => {
  test.each([
    ['of 20 seconds', 19_999, () => api.servers.list()],
    ['of 60 seconds', 59_999, () => api.vault.probe()],
  ])('ends at its limit %s', async (_, before, call) => {
    vi.useFakeTimers();
    fakeBackend({ servers: { list: never }, vault: { probe: never } });
    const ended = vi.fn();
    const outcome = call().catch((e: unknown) => {
      ended();
      return e;
    });
    await vi.advanceTimersByTimeAsync(before);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toMatchObject({ code: 'page_no_answer' });
  });

  test('has no limit while a person looks at a dialog', async () => {
    vi.useFakeTimers();
    fakeBackend({ own: { chooseFolder: never } });
    const ended = vi.fn();
    api.own.chooseFolder().then(ended, ended);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(ended).not.toHaveBeenCalled();
  });
});

describe('what a call is rejected with becomes a problem', () => {
  const full = { code: 'port_taken', message: 'Taken.', field: 'port', retryAfter: 2, details: 'port_taken' };
  const reasons: [string, unknown, object][] = [
    ['JSON in the text of an error, as Wails does', new Error(JSON.stringify(full)), full],
    ['JSON as a string', JSON.stringify(full), full],
    ['an object', full, full],
    ['a code alone', { code: 'x' }, { code: 'x', message: '', field: '', retryAfter: 0 }],
    ['text of Wails', 'json: cannot unmarshal', { code: 'page_failed', details: 'page_failed\njson: cannot unmarshal' }],
    ['an object without a code', { message: 'no' }, { code: 'page_failed' }],
    ['JSON that is no problem', 'null', { code: 'page_failed' }],
    ['nothing', undefined, { code: 'page_failed', details: 'page_failed' }],
  ];
  test.each(reasons)('%s', async (_, reason, want) => {
    fakeBackend({ servers: { list: vi.fn().mockRejectedValue(reason) } });
    await expect(api.servers.list()).rejects.toMatchObject(want);
  });

  test('what is thrown before there is a promise', async () => {
    fakeBackend();
    window.go = {
      app: {
        Servers: {
          List: () => {
            throw new Error('gone');
          },
        },
      },
    };
    await expect(api.servers.list()).rejects.toMatchObject({ code: 'page_failed' });
  });

  test('refuse of the fake', async () => {
    fakeBackend({ signIn: { signIn: refuse({ code: 'code_wrong' }) } });
    await expect(api.signIn.signIn({ id: '', username: '', password: '', code: '' })).rejects.toMatchObject({ code: 'code_wrong' });
  });
});

test('an event arrives until it is turned off', () => {
  const backend = fakeBackend();
  const got: string[] = [];
  const off = on('command', (id) => got.push(id));
  backend.emit('command', 'add');
  off();
  backend.emit('command', 'lock');
  expect(got).toEqual(['add']);
});
