import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { fakeBackend, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { signIn, toasts } from '$lib/state';
import App from './App.svelte';

// The window is the sign-in sheet alone: that is a form to be in the middle of.
vi.mock('./windows', async () => {
  const [LockScreen, SignInSheet] = await Promise.all([import('./features/vault/LockScreen.svelte'), import('./features/signin/SignInSheet.svelte')]);
  return { windows: { locked: () => Promise.resolve(LockScreen), open: () => Promise.resolve(SignInSheet) }, screens: {} };
});

const open = samples.vault;
const locked = { ...open, state: 'locked' as const, protection: 'passphrase' as const };

beforeEach(() => {
  toasts.settle();
  signIn.close();
});

async function begin() {
  const backend = fakeBackend({ signIn: { signIn: refuse({ code: 'credentials_wrong' }) } });
  render(App);
  await vi.waitFor(() => expect(backend.called('shell.drawn')).toHaveLength(1));
  return backend;
}

test('where nothing is unfinished the window is drawn anew', async () => {
  const backend = await begin();
  signIn.ask('nas');
  const before = await screen.findByRole('dialog');
  signIn.close();
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  backend.emit('vault', locked);
  await screen.findByText('The vault is locked');
  signIn.ask('nas');
  backend.emit('vault', open);
  expect(await screen.findByRole('dialog')).not.toBe(before);
  expect(screen.queryByText('The vault is locked')).toBeNull();
});

test('a form that is half filled waits behind the lock screen, without its password', async () => {
  const backend = await begin();
  signIn.ask('nas');
  const name = await screen.findByRole<HTMLInputElement>('textbox', { name: /User name/ });
  await userEvent.clear(name);
  await userEvent.type(name, 'somebody');
  await userEvent.type(screen.getByLabelText(/^Password/), 'canary words');
  backend.emit('vault', locked);
  await screen.findByText('The vault is locked');
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(document.querySelector('dialog')).toBeNull(); // it is not only covered
  expect(document.documentElement.innerHTML).not.toContain('somebody');
  await userEvent.keyboard('{Escape}'); // is not for what is behind
  await userEvent.keyboard('{Control>}k{/Control}');
  expect(screen.queryByRole('dialog')).toBeNull();

  backend.emit('vault', open);
  await screen.findByRole('dialog');
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: /User name/ }).value).toBe('somebody');
  expect(screen.getByLabelText<HTMLInputElement>(/^Password/).value).toBe('');
  await userEvent.type(screen.getByLabelText(/^Password/), 'x{Enter}');
  expect(backend.called('signIn.signIn').at(-1)).toMatchObject([{ username: 'somebody', password: 'x' }]);
});

test('what is done tells Go that somebody is there, now and then, and at once before it locks', async () => {
  const backend = await begin();
  await userEvent.keyboard('a');
  await userEvent.keyboard('bcd');
  const before = backend.called('shell.active').length;
  expect(before).toBeLessThan(2);
  backend.emit('vault:locking', Date.now() + 30_000);
  expect(await screen.findByText(/The vault locks soon/)).toBeTruthy();
  expect(screen.getByText(/^(30|29) s$/)).toBeTruthy();
  await userEvent.keyboard('e');
  expect(backend.called('shell.active')).toHaveLength(before + 1);
  await vi.waitFor(() => expect(screen.queryByText(/The vault locks soon/)).toBeNull());
});
