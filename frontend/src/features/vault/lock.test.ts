import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { VaultStatus } from '$lib/backend';
import { fakeBackend, type Overrides, problemOf, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { setLanguage } from '$lib/i18n';
import { app, vault } from '$lib/state';
import LockScreen from './LockScreen.svelte';

const user = userEvent.setup();
const locked: VaultStatus = { state: 'locked', protection: 'passphrase', openedBy: '', problem: null };
const open: VaultStatus = { ...locked, state: 'unlocked', openedBy: 'passphrase' };

function show(status: VaultStatus, answers: Overrides['vault'] = {}) {
  vault.set(status);
  const backend = fakeBackend({ vault: { unlock: () => open, ...answers } });
  render(LockScreen);
  return backend;
}
const press = (name: string | RegExp) => user.click(screen.getByRole('button', { name }));

test('a passphrase that is wrong stays, with the reason at its field', async () => {
  const backend = show(locked, {
    unlock: ({ passphrase }) => (passphrase === 'right' ? open : refuse({ code: 'vault_passphrase_wrong' })()),
  });
  const field = screen.getByLabelText('Passphrase');
  await vi.waitFor(() => expect(document.activeElement).toBe(field));
  await user.keyboard('wrong{Enter}');
  await screen.findByText(/not the passphrase of this vault/);
  expect(field).toHaveProperty('value', 'wrong');
  expect(field.getAttribute('aria-invalid')).toBe('true');
  expect(document.activeElement).toBe(field);
  await user.clear(field);
  await user.keyboard('right{Enter}');
  await vi.waitFor(() => expect(vault.status.state).toBe('unlocked'));
  expect(backend.called('vault.unlock').at(-1)).toEqual([{ method: 'passphrase', passphrase: 'right' }]);
});

test('the keyring opens with Enter alone', async () => {
  const backend = show({ ...locked, protection: 'keyring' });
  await vi.waitFor(() => expect(document.activeElement?.textContent).toContain('Unlock'));
  await user.keyboard('{Enter}');
  await vi.waitFor(() => expect(backend.called('vault.unlock')).toEqual([[{ method: 'keyring', passphrase: '' }]]));
});

test('a keyring that has lost the key leads to the recovery key', async () => {
  const backend = show(
    { ...locked, protection: 'keyring', problem: problemOf('vault_keyring_missing') },
    { unlock: ({ passphrase }) => (passphrase ? open : refuse({ code: 'vault_recovery_mistyped' })()) },
  );
  screen.getByText(/has no key for this vault any more/);
  await press('Use the recovery key');
  const field = await screen.findByLabelText('Recovery key');
  await user.keyboard('{Enter}');
  await screen.findByText(/mistyped/);
  await user.type(field, 'AB10{Enter}');
  expect(backend.called('vault.unlock').at(-1)).toEqual([{ method: 'recovery', passphrase: 'AB10' }]);
});

test.each([
  ['vault_keyring_locked', /keyring is locked/],
  ['vault_keyring_silent', /does not answer/],
  ['vault_keyring_absent', /offers no keyring/],
])('%s is told, and can be tried again', async (code, words) => {
  show({ ...locked, protection: 'keyring' }, { unlock: refuse({ code }) });
  await press('Unlock');
  await screen.findByText(words);
  screen.getByRole('button', { name: 'Unlock' });
});

test('while the keyring is asked', () => {
  show({ ...locked, state: 'opening', protection: 'keyring' });
  screen.getByText('Opening the vault');
  expect(screen.queryByRole('button')).toBeNull();
});

test('what opens it is asked for when that is not told', async () => {
  show({ ...locked, protection: '' }, { status: () => locked });
  await screen.findByLabelText('Passphrase');
});

test('a damaged vault goes back to its previous version', async () => {
  const backend = show(
    { ...locked, state: 'unusable', protection: '', problem: problemOf('vault_damaged') },
    { restorePrevious: refuse({ code: 'vault_no_previous' }) },
  );
  await press('Restore');
  await screen.findByText(/no whole previous version/);
  backend.answer({ vault: { restorePrevious: () => locked } });
  await press('Restore');
  await screen.findByLabelText('Passphrase');
});

test('a vault is set aside only when its name is typed, which is a first run again', async () => {
  const backend = show({ ...locked, state: 'unusable', protection: '', problem: problemOf('vault_missing') });
  backend.answer({ shell: { boot: () => ({ ...samples.boot, vault: { ...locked, state: 'new', protection: '' }, firstRun: true }) } });
  await press('Set aside…');
  const dialog = within(await screen.findByRole('dialog'));
  dialog.getByText(/SSH keys stay as they are/);
  const confirm = dialog.getByRole('button', { name: 'Set the vault aside' });
  expect(confirm).toHaveProperty('disabled', true);
  await user.type(dialog.getByRole('textbox'), 'vault.db');
  await user.click(confirm);
  await vi.waitFor(() => expect(backend.called('vault.setAside')).toHaveLength(1));
  await vi.waitFor(() => expect(app.phase).toBe('welcome'));
});

test('a vault of a newer program offers nothing that would touch it', () => {
  show({ ...locked, state: 'unusable', protection: '', problem: problemOf('vault_newer') });
  expect(screen.getAllByRole('button')).toHaveLength(1);
  screen.getByRole('button', { name: 'Try again' });
});

test('in Chinese', async () => {
  setLanguage('zh-CN');
  show(locked, { unlock: refuse({ code: 'vault_passphrase_wrong' }) });
  screen.getByText('保险库已锁定');
  await press('解锁');
  await screen.findByText(/密码短语不对/);
  await press('使用恢复密钥');
  await screen.findByText('用恢复密钥解锁');
  await press('所有密钥都丢了');
  await screen.findByText('改用新的保险库');
});
