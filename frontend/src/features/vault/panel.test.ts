import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { VaultStatus } from '$lib/backend';
import { fakeBackend, type Overrides, problemOf, refuse } from '$lib/backend/fake';
import { setLanguage } from '$lib/i18n';
import { toasts, vault } from '$lib/state';
import VaultProtection from './VaultProtection.svelte';

const user = userEvent.setup();
const byKeyring: VaultStatus = { state: 'unlocked', protection: 'keyring', openedBy: 'keyring', problem: null };
const byPassphrase: VaultStatus = { ...byKeyring, protection: 'passphrase', openedBy: 'passphrase' };

function show(status: VaultStatus, answers: Overrides['vault'] = {}) {
  vault.set(status);
  const backend = fakeBackend({ vault: answers });
  render(VaultProtection);
  return backend;
}
const press = (name: string | RegExp) => user.click(screen.getByRole('button', { name }));
const dialog = async () => within(await screen.findByRole('dialog'));
const said = () => toasts.list.at(-1)?.text;

test('from the keyring to a passphrase', async () => {
  const backend = show(byKeyring, { move: refuse({ code: 'vault_passphrase_short', field: 'passphrase' }) });
  screen.getByText(/by itself while you are signed in/);
  await press('Use a passphrase');
  const d = await dialog();
  await user.type(d.getByLabelText('Passphrase'), 'short{Enter}');
  await d.findByText(/needs at least 8 characters\. A few/);
  backend.answer({ vault: { move: () => undefined } });
  await user.type(d.getByLabelText('Passphrase'), ' no more{Enter}');
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(backend.called('vault.move').at(-1)).toEqual([{ method: 'passphrase', passphrase: 'short no more' }]);
  expect(said()).toContain('new way');
});

test('from a passphrase to a keyring that fails first', async () => {
  const backend = show(byPassphrase, { move: refuse({ code: 'vault_keyring_locked' }) });
  await press("Use the system's keyring");
  const d = await dialog();
  await user.click(d.getByRole('button', { name: 'Change' }));
  await d.findByText(/keyring is locked/);
  backend.answer({ vault: { move: () => undefined } });
  await user.click(d.getByRole('button', { name: 'Change' }));
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(backend.called('vault.move').at(-1)).toEqual([{ method: 'keyring', passphrase: '' }]);
});

test('a keyring that was emptied gets a new key', async () => {
  show({ ...byKeyring, openedBy: 'recovery' });
  screen.getByText(/opened with the recovery key/);
  await press('Put a new key in the keyring');
  (await dialog()).getByText(/gets a new key for the vault/);
});

test('another passphrase', async () => {
  const backend = show(byPassphrase, {
    changePassphrase: ({ current, next }) => {
      if (current !== 'right') refuse({ code: 'vault_passphrase_wrong' })();
      if (next.length < 8) refuse({ code: 'vault_passphrase_short', field: 'passphrase' })();
    },
  });
  await press('Change passphrase');
  const d = await dialog();
  const current = d.getByLabelText('Current passphrase');
  const next = d.getByLabelText('New passphrase');
  await user.click(d.getByRole('button', { name: 'Change' }));
  await d.findByText('Enter the current passphrase.');
  await user.type(current, 'wrong');
  await user.type(next, 'short{Enter}');
  await d.findByText(/not the passphrase of this vault/);
  expect(current.getAttribute('aria-invalid')).toBe('true');
  await user.clear(current);
  await user.type(current, 'right{Enter}');
  await vi.waitFor(() => expect(next.getAttribute('aria-invalid')).toBe('true'));
  await user.type(next, ' no more{Enter}');
  await vi.waitFor(() => expect(said()).toBe('The passphrase was changed.'));
  expect(backend.called('vault.changePassphrase').at(-1)).toEqual([{ current: 'right', next: 'short no more' }]);
});

test('a new recovery key is proven, kept and confirmed', async () => {
  const key = 'AB10-EFGH-JKMN-PQRS-TVWX-YZ23-4567-89AB';
  const unconfirmed = problemOf('vault_recovery_unconfirmed');
  const backend = show({ ...byPassphrase, problem: unconfirmed }, {
    newRecoveryKey: ({ passphrase }) => (passphrase === 'right' ? key : refuse({ code: 'vault_passphrase_wrong' })()),
  });
  screen.getByText('Not confirmed');
  await press('Make a new one');
  const d = await dialog();
  const proof = d.getByLabelText('Passphrase of the vault');
  await user.type(proof, 'wrong{Enter}');
  await d.findByText(/not the passphrase of this vault/);
  await user.clear(proof);
  await user.type(proof, 'right{Enter}');
  await d.findByRole('list', { name: 'Recovery key' });
  await user.keyboard('{Escape}');
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await press('Make a new one');
  await (await dialog()).findByRole('list', { name: 'Recovery key' });
  await user.click((await dialog()).getByRole('button', { name: 'I have kept it' }));
  const [group] = await (await dialog()).findAllByRole<HTMLInputElement>('textbox');
  group?.focus();
  await user.paste(key);
  await user.keyboard('{Enter}');
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(backend.called('vault.confirmRecovery')).toEqual([[key]]);
  expect(backend.called('vault.newRecoveryKey')).toHaveLength(2);
});

test('locks now', async () => {
  const backend = show(byKeyring);
  await press('Lock now');
  expect(backend.called('vault.lock')).toHaveLength(1);
});

test('in Chinese', async () => {
  setLanguage('zh-CN');
  show(byPassphrase);
  screen.getByText('密码短语，每次启动 Latchkey 时输入');
  await press('更改密码短语');
  (await dialog()).getByLabelText('当前密码短语');
});
