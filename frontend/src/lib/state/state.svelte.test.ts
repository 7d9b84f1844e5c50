import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { api, ProblemError, type DeviceList } from '$lib/backend';
import { fakeBackend, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { action, app, load, own, presence, servers, settings, signIn, toasts, vault, view } from '.';

beforeEach(() => {
  servers.begin([samples.server, samples.nas], 'own');
  signIn.close();
});
afterEach(() => vi.useRealTimers());

const settle = () => new Promise((done) => setTimeout(done));

describe('load', () => {
  let id = $state('own');
  let stop: () => void;
  // held runs load as a component would.
  function held(fetch: (id: string) => Promise<DeviceList>) {
    let loaded: ReturnType<typeof load<DeviceList>> | undefined;
    stop = $effect.root(() => {
      loaded = load(() => id, fetch);
    });
    flushSync();
    if (!loaded) throw new Error('not loaded');
    return loaded;
  }
  beforeEach(() => {
    id = 'own';
    return () => stop();
  });

  test('loads, and keeps the old data while it loads again and when that fails', async () => {
    const backend = fakeBackend();
    const devices = held((of) => api.devices.list(of));
    expect([devices.loading, devices.data]).toEqual([true, undefined]);
    await settle();
    expect([devices.loading, devices.data?.devices.length, devices.asOf > 0]).toEqual([false, 3, true]);
    backend.answer({ devices: { list: refuse({ code: 'server_slow' }) } });
    const again = devices.refresh();
    expect([devices.loading, devices.data?.devices.length]).toEqual([true, 3]);
    await again;
    expect([devices.problem?.code, devices.data?.devices.length]).toEqual(['server_slow', 3]);
  });

  test('drops the data of another key, and what comes late for it', async () => {
    const answers: Record<string, (list: DeviceList) => void> = {};
    fakeBackend();
    const devices = held((of) => new Promise((done) => (answers[of] = done)));
    id = 'nas';
    flushSync();
    answers['nas']?.({ devices: [], asOf: 2 });
    answers['own']?.({ devices: samples.devices, asOf: 1 });
    await settle();
    expect(devices.data).toEqual({ devices: [], asOf: 2 });
    id = '';
    flushSync();
    expect([devices.data, devices.loading]).toEqual([undefined, false]);
  });

  test('loads anew when the server is signed in again', async () => {
    const backend = fakeBackend();
    held((of) => api.devices.list(of));
    servers.set([{ ...samples.server, state: 'offline' }]);
    flushSync();
    expect(backend.called('devices.list').length).toBe(1);
    servers.set([samples.server]);
    flushSync();
    expect(backend.called('devices.list').length).toBe(2);
    await settle();
  });

  test.each([
    ['session_ended', 'own'],
    ['not_signed_in', ''],
    ['server_slow', ''],
  ])('after %s the sign-in sheet is for "%s"', async (code, asked) => {
    fakeBackend({ devices: { list: refuse({ code }) } });
    held((of) => api.devices.list(of));
    await settle();
    expect(signIn.server).toBe(asked);
  });
});

describe('action', () => {
  test('is busy once, and has the sentence at its field', async () => {
    let fail: (reason: unknown) => void = () => undefined;
    const work = vi.fn(() => new Promise((_, no) => (fail = no)));
    const save = action(work);
    const first = save.run();
    expect([save.busy, await save.run(), work.mock.calls.length]).toEqual([true, false, 1]);
    fail(new ProblemError({ code: 'server_name_taken', field: 'name', message: 'It is taken.' }));
    expect(await first).toBe(false);
    expect([save.busy, save.at('name'), save.at('other'), save.rest('name')]).toEqual([
      false,
      'It is taken.',
      undefined,
      null,
    ]);
    expect(save.rest('other')?.code).toBe('server_name_taken');
    save.clear();
    expect(save.problem).toBeNull();
  });

  test('opens the sign-in sheet when this device was signed out', async () => {
    await action(() => Promise.reject(new ProblemError({ code: 'token_expired' }))).run();
    expect(signIn.server).toBe('own');
  });
});

describe('toasts', () => {
  const undoable = () => ({ text: 'Ended.', commit: vi.fn(), undo: vi.fn() });
  const calls = (t: ReturnType<typeof undoable>) => [t.commit.mock.calls.length, t.undo.mock.calls.length];
  beforeEach(() => void vi.useFakeTimers());

  test('commit after ten seconds', () => {
    const t = undoable();
    toasts.undoable(t);
    vi.advanceTimersByTime(9_999);
    expect(calls(t)).toEqual([0, 0]);
    vi.advanceTimersByTime(1);
    expect([calls(t), toasts.list.length]).toEqual([[1, 0], 0]);
  });

  test('undo instead', () => {
    const t = undoable();
    toasts.undoable(t);
    if (toasts.list[0]) toasts.undo(toasts.list[0]);
    vi.advanceTimersByTime(20_000);
    expect(calls(t)).toEqual([0, 1]);
  });

  test('wait while somebody is at them, and commit when the window locks', () => {
    const t = undoable();
    toasts.undoable(t);
    if (toasts.list[0]) toasts.hold(toasts.list[0]);
    vi.advanceTimersByTime(60_000);
    expect(calls(t)).toEqual([0, 0]);
    toasts.settle();
    expect(calls(t)).toEqual([1, 0]);
  });
});

describe('settings', () => {
  test('change the page at once, and back if Go refuses', async () => {
    fakeBackend({ settings: { save: refuse({ code: 'preferences_invalid' }) } });
    settings.set(samples.settings);
    const saved = settings.save({ theme: 'dark', language: 'zh-CN' });
    expect([document.documentElement.dataset['theme'], document.documentElement.lang]).toEqual(['dark', 'zh-CN']);
    await expect(saved).rejects.toMatchObject({ code: 'preferences_invalid' });
    expect([document.documentElement.dataset['theme'], document.documentElement.lang]).toEqual(['light', 'en']);
  });
});

test('the view is remembered, and goes back', () => {
  const backend = fakeBackend();
  view.begin('keys');
  view.begin('no such screen');
  view.go('settings');
  expect(view.name).toBe('settings');
  view.back();
  view.back(); // there is nothing before the first
  expect(view.name).toBe('keys');
  expect(backend.called('shell.saveView')).toEqual([['settings'], ['keys']]);
});

describe('the phase of the window', () => {
  const locked = { ...samples.vault, state: 'locked' as const };
  test.each([
    ['open', samples.boot],
    ['locked', { ...samples.boot, vault: locked }],
    ['locked', { ...samples.boot, vault: locked, firstRun: true, servers: [] }],
    ['locked', { ...samples.boot, vault: { ...locked, state: 'opening' as const } }],
    ['welcome', { ...samples.boot, vault: { ...locked, state: 'new' as const }, firstRun: true }],
    ['welcome', { ...samples.boot, firstRun: true }],
    ['failed', { ...samples.boot, vault: { ...locked, state: '' as const }, problem: new ProblemError({ code: 'disk_full' }) }],
  ])('%s', async (phase, boot) => {
    const backend = fakeBackend({ shell: { boot: () => boot } });
    const off = app.listen();
    await app.start();
    expect(app.phase).toBe(phase);
    backend.emit('vault', { ...samples.vault, state: 'locked' });
    expect([vault.status.state, app.phase]).toEqual(['locked', 'locked']);
    off();
  });

  test('a vault that is set aside elsewhere makes a first run again, until that is over', async () => {
    const backend = fakeBackend();
    const off = app.listen();
    await app.start();
    const phases = [app.phase];
    for (const state of ['new', 'unlocked'] as const) {
      backend.emit('vault', { ...samples.vault, state });
      flushSync();
      phases.push(app.phase);
    }
    app.welcomed();
    expect([...phases, app.phase]).toEqual(['open', 'welcome', 'welcome', 'open']);
    off();
  });

  test('what Go tells while it is asked for everything is newer than its answer', async () => {
    const backend = fakeBackend({
      shell: {
        boot: () => {
          backend.emit('own', samples.own);
          backend.emit('servers', [samples.nas]);
          backend.emit('vault', locked);
          backend.emit('settings', { ...samples.boot.settings, closing: 'stop' });
          return { ...samples.boot, own: { ...samples.own, state: 'starting' as const } };
        },
      },
    });
    const off = app.listen();
    await app.start();
    expect([own.status?.state, servers.list.map((s) => s.id), app.phase, settings.value.closing]).toEqual(
      ['running', ['nas'], 'locked', 'stop'],
    );
    backend.answer({ shell: { boot: () => samples.boot } });
    await app.start();
    expect([servers.list.length, app.phase, settings.value.closing]).toEqual([2, 'open', samples.boot.settings.closing]);
    off();
  });

  test('failed when Go does not answer', async () => {
    vi.resetModules();
    const fresh = await import('.');
    await fresh.app.start();
    expect([fresh.app.phase, fresh.app.problem?.code]).toEqual(['failed', 'page_alone']);
  });
});

describe('presence', () => {
  test('is told when somebody does something, not of a pointer that lies still', () => {
    const backend = fakeBackend();
    vi.useFakeTimers({ now: 1e12 });
    vault.set({ ...vault.status, state: 'unlocked' });
    const stop = presence.listen();
    const move = (screenX: number, screenY: number) => {
      vi.advanceTimersByTime(60_000);
      window.dispatchEvent(new PointerEvent('pointermove', { screenX, screenY }));
      return backend.called('shell.active').length;
    };
    expect([move(5, 5), move(5, 5), move(6, 5), move(6, 5), move(6, 4)]).toEqual([0, 0, 1, 1, 2]);
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
    vi.advanceTimersByTime(60_000);
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
    expect(backend.called('shell.active')).toHaveLength(3);
    stop();
  });
});
