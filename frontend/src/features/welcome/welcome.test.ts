import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet, type Component } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Server, VaultStatus } from '$lib/backend';
import { fakeBackend, refuse, type Overrides } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { setLanguage } from '$lib/i18n';
import { app, own, servers, settings, vault, view } from '$lib/state';
import Welcome from './Welcome.svelte';

const user = userEvent.setup();
const none: VaultStatus = { state: 'new', protection: '', openedBy: '', problem: null };
const open: VaultStatus = { state: 'unlocked', protection: 'keyring', openedBy: 'keyring', problem: null };

// What the other features bring: a button for each of their ends.
interface Ends {
  ondone?: () => void;
  onback?: () => void;
  oncancel?: () => void;
  onadded?: (server: Server) => void;
  onsignedin?: () => void;
}
const snippet = (name: string, act: () => void) =>
  createRawSnippet(() => ({
    render: () => `<button type="button">${name}</button>`,
    setup: (button) => {
      button.addEventListener('click', act);
    },
  }));
function standIn(...buttons: ((ends: Ends) => [string, () => void])[]): Component<Ends> {
  return (anchor, ends) => {
    for (const button of buttons) {
      const [name, act] = button(ends);
      (snippet(name, act) as unknown as (anchor: unknown) => void)(anchor);
    }
    return {};
  };
}
let added: Server = { ...samples.nas, state: 'signed_out' };
const protect = standIn(
  (e) => ['protected', () => e.ondone?.()],
  (e) => ['back to the look', () => e.onback?.()],
);
const connect = standIn(
  (e) => ['found', () => e.onadded?.(added)],
  (e) => ['cancel', () => e.oncancel?.()],
);
const signIn = standIn((e) => ['signed in', () => e.onsignedin?.()]);

async function begin(told: Partial<typeof samples.boot> = {}, answers: Overrides = {}) {
  const boot = { ...samples.boot, vault: none, servers: [], current: '', firstRun: true, settings: { ...samples.settings, language: '' as const } };
  const backend = fakeBackend({ shell: { boot: () => ({ ...boot, ...told }) }, ...answers });
  await app.start();
  render(Welcome, { protect, connect, signIn });
  return backend;
}
const press = async (name: string | RegExp) => user.click(await screen.findByRole('button', { name }));
const step = () => screen.getByRole('img', { name: /Step|第/ }).getAttribute('aria-label');

beforeEach(() => {
  added = { ...samples.nas, state: 'signed_out' };
  servers.set([]);
  own.set({ ...samples.own, state: 'absent' });
});

test("by the keyboard alone: look, protection, a server of one's own", async () => {
  const backend = await begin();
  expect(step()).toBe('Step 1 of 3');
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByRole('radio', { name: 'English' })));
  await user.keyboard('{Enter}');
  await vi.waitFor(() => expect(backend.called('settings.save')).toHaveLength(1));
  expect(settings.value.language).toBe('en');

  vault.set(open);
  await press('protected');
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByRole('radio', { name: 'Run one on this computer' })));
  expect(step()).toBe('Step 3 of 3');
  await user.keyboard('{Enter}');

  const name = await screen.findByLabelText('Your name on the server');
  await vi.waitFor(() => expect(document.activeElement).toBe(name));
  expect(name).toHaveProperty('value', 'admin');
  await user.tab();
  await user.keyboard('correct horse battery{Enter}');
  await screen.findByText('Your server is running');
  expect(backend.called('own.create')).toEqual([[{ username: 'admin', password: 'correct horse battery', folder: '', lan: false }]]);

  await press(/^Make an SFTP key/);
  expect(view.name).toBe('keys');
  expect(app.phase).toBe('open');
});

test('the language and the theme change at once', async () => {
  const backend = await begin();
  await user.click(screen.getByRole('radio', { name: '简体中文' }));
  await screen.findByText('欢迎使用 Latchkey');
  await user.click(screen.getByRole('radio', { name: '深色' }));
  expect(document.documentElement.dataset['theme']).toBe('dark');
  expect(backend.called('settings.save')).toHaveLength(2);
});

test('settings that cannot be written are told, and nothing goes on', async () => {
  await begin({}, { settings: { save: refuse({ code: 'data_folder_unwritable' }) } });
  await press('Continue');
  await screen.findByRole('alert');
  expect(step()).toBe('Step 1 of 3');
});

test('what is refused stands at its field, and what was typed stays', async () => {
  const backend = await begin({ vault: open }, { own: { create: refuse({ code: 'password_common', field: 'password' }) } });
  await press('Continue');
  const password = await screen.findByLabelText('Password');
  await user.type(password, 'password');
  await press('Choose…');
  await vi.waitFor(() => expect(screen.getByLabelText('Folder for files')).toHaveProperty('value', '/home/ann/Latchkey'));
  await user.click(screen.getByRole('radio', { name: 'My network' }));
  await press('Start the server');
  await vi.waitFor(() => expect(password.getAttribute('aria-invalid')).toBe('true'));
  expect(document.activeElement).toBe(password);
  expect(password).toHaveProperty('value', 'password');
  backend.answer({ own: { create: refuse({ code: 'port_taken' }) } });
  await press('Start the server');
  await screen.findByRole('alert');
  backend.answer({ own: { create: () => samples.server } });
  await press('Start the server');
  await screen.findByText('Your server is running');
  expect(backend.called('own.create').at(-1)).toEqual([
    { username: 'admin', password: 'password', folder: '/home/ann/Latchkey', lan: true },
  ]);
});

test('a server by its address, with the sign-in on it', async () => {
  await begin({ vault: open });
  await user.click(await screen.findByRole('radio', { name: 'Connect to a server' }));
  await press('Continue');
  await press('cancel');
  expect(screen.getByRole('radio', { name: 'Connect to a server' })).toHaveProperty('checked', true);
  await press('Continue');
  await press('found');
  await screen.findByText('Sign in to nas.local');
  await press('signed in');
  await screen.findByText('You are connected to nas.local');
  screen.getByText(/is in your list/);
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Open Latchkey' })));
  await user.keyboard('{Enter}');
  expect(app.phase).toBe('open');
});

test("a server of one's own that did not sign in asks for it", async () => {
  await begin({ vault: open }, { own: { create: () => ({ ...samples.server, state: 'signed_out' as const, me: null }) } });
  await press('Continue');
  await press('Start the server');
  await screen.findByText('Sign in to This computer');
});

test('a server can wait', async () => {
  await begin({ vault: open });
  await press('Add one later');
  expect(app.phase).toBe('open');
});

test('one goes back to the look, and on again', async () => {
  await begin({ settings: samples.settings });
  await press('back to the look');
  await screen.findByText('Welcome to Latchkey');
  await press('Continue');
  await screen.findByRole('button', { name: 'protected' });
});

test('servers that are there already are not asked for again', async () => {
  await begin({ servers: [samples.nas], settings: samples.settings });
  vault.set(open);
  await press('protected');
  await vi.waitFor(() => expect(app.phase).toBe('open'));
});

test('in Chinese', async () => {
  setLanguage('zh-CN');
  await begin({ vault: open, settings: { ...samples.settings, language: 'zh-CN' } });
  await screen.findByRole('heading', { name: '服务器在哪里？' });
  await press('继续');
  await user.type(await screen.findByLabelText('密码'), '四个互不相干的词');
  await press('启动服务器');
  await screen.findByText('服务器已在运行');
  screen.getByText('开启两步验证');
});
