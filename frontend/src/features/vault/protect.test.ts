import { cleanup, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { fakeBackend, never, type Overrides, problemOf, refuse } from '$lib/backend/fake';
import { setLanguage } from '$lib/i18n';
import { vault } from '$lib/state';
import { keyring } from './keyring.svelte';
import ProtectVault from './ProtectVault.svelte';

const key = 'AB10-EFGH-JKMN-PQRS-TVWX-YZ23-4567-89AB';
const groups = key.split('-');
const absent = problemOf('vault_keyring_absent');
const open = { state: 'unlocked', protection: 'keyring', openedBy: 'keyring', problem: null } as const;
const unconfirmed = { ...open, problem: problemOf('vault_recovery_unconfirmed') };
const user = userEvent.setup();

function protect(answers: Overrides['vault'] = {}) {
  const ondone = vi.fn();
  const backend = fakeBackend({ vault: { create: () => key, newRecoveryKey: () => key, ...answers } });
  const off = vault.listen();
  render(ProtectVault, { ondone, onback: vi.fn() });
  return { ...backend, ondone, off };
}
const press = async (name: string | RegExp) => user.click(await screen.findByRole('button', { name }));
// The form asks for two groups, chosen by chance.
async function asked() {
  const [first, second] = (await screen.findAllByRole('textbox')) as [HTMLInputElement, HTMLInputElement];
  const group = (field: HTMLInputElement) => groups[Number(/\d/.exec(field.labels?.[0]?.textContent ?? '')?.[0]) - 1] ?? '';
  return { first, second, groups: [group(first), group(second)] as const };
}

beforeEach(() => {
  keyring.forget();
  vault.set({ state: 'new', protection: '', openedBy: '', problem: null });
});

test('the keyring, then the recovery key kept and confirmed', async () => {
  const backend = protect();
  expect(await screen.findByRole('radio', { name: 'System keyring' })).toHaveProperty('checked', true);
  await press('Continue');
  expect(backend.called('vault.create')).toEqual([[{ method: 'keyring', passphrase: '' }]]);
  expect((await screen.findByRole('list', { name: 'Recovery key' })).textContent).toContain(groups[7]);
  await press('Save as a file');
  await screen.findByText('Saved: /home/ann/recovery.txt');
  await press('I have kept it');
  const { first, groups: [a, b] } = await asked();
  await vi.waitFor(() => expect(document.activeElement).toBe(first));
  await user.keyboard(a.toLowerCase());
  await user.tab();
  await user.keyboard(`${b}{Enter}`);
  await vi.waitFor(() => expect(backend.ondone).toHaveBeenCalledOnce());
  const [typed] = backend.called('vault.confirmRecovery')[0] as [string];
  expect(typed.toUpperCase()).toBe(key);
});

test('a group that does not match is said at its field, and the key can be seen again', async () => {
  const backend = protect({ confirmRecovery: refuse({ code: 'vault_recovery_mistyped', field: 'recovery' }) });
  await press('Continue');
  await press('I have kept it');
  await press('Confirm');
  expect(screen.getAllByText(/^Enter group \d\.$/)).toHaveLength(2);
  expect(backend.called('vault.confirmRecovery')).toEqual([]);
  const { first, second, groups: [a] } = await asked();
  await user.type(first, a);
  await user.type(second, 'ZZZZ{Enter}');
  await screen.findByText(/does not match the recovery key/);
  expect(second.getAttribute('aria-invalid')).toBe('true');
  expect(first.getAttribute('aria-invalid')).toBeNull();
  await vi.waitFor(() => expect(document.activeElement).toBe(second));
  await press('Show the key again');
  await screen.findByText(groups[0] ?? '');
  expect(backend.ondone).not.toHaveBeenCalled();
});

test('the whole key can be pasted', async () => {
  const backend = protect();
  await press('Continue');
  await press('I have kept it');
  await user.click((await asked()).second);
  await user.paste(key);
  await press('Confirm');
  await vi.waitFor(() => expect(backend.called('vault.confirmRecovery')).toEqual([[key]]));
});

test('without a keyring the reason is told, and a passphrase protects', async () => {
  const backend = protect({
    probe: () => absent,
    create: ({ passphrase }) =>
      passphrase.length < 8 ? refuse({ code: 'vault_passphrase_short', field: 'passphrase' })() : key,
  });
  await screen.findByText('This system offers no keyring at the moment.');
  expect(screen.getByRole('radio', { name: 'System keyring' })).toHaveProperty('disabled', true);
  const field = await screen.findByLabelText('Passphrase', { selector: 'input:not([type=radio])' });
  await vi.waitFor(() => expect(document.activeElement).toBe(field));
  await user.type(field, 'short{Enter}');
  await screen.findByText(/needs at least 8 characters\. A few/);
  expect(field).toHaveProperty('value', 'short');
  await user.type(field, ' no more{Enter}');
  await screen.findByText('Keep this recovery key');
  expect(backend.called('vault.create')).toEqual([
    [{ method: 'passphrase', passphrase: 'short' }],
    [{ method: 'passphrase', passphrase: 'short no more' }],
  ]);
});

test('a keyring that is asked, fails and is tried again', async () => {
  const backend = protect({ probe: never, create: refuse({ code: 'vault_keyring_silent' }) });
  await screen.findByText(/Asking the keyring/);
  expect(screen.getByRole('radio', { name: 'Passphrase' })).toHaveProperty('disabled', false);
  await press('Continue');
  await screen.findByText(/does not answer/);
  backend.answer({ vault: { create: () => key } });
  await press('Continue');
  await screen.findByText('Keep this recovery key');
});

test('going back and on again does not ask the keyring anew', async () => {
  const backend = protect({ probe: () => absent });
  await screen.findByText('This system offers no keyring at the moment.');
  cleanup();
  render(ProtectVault, { ondone: vi.fn(), onback: vi.fn() });
  expect(screen.getByText('This system offers no keyring at the moment.')).toBeTruthy();
  expect(backend.called('vault.probe')).toHaveLength(1);
  backend.answer({ vault: { probe: () => null } });
  await press('Ask the keyring again');
  await vi.waitFor(() => expect(screen.getByRole('radio', { name: 'System keyring' })).toHaveProperty('disabled', false));
});

test('a passphrase chosen with the pointer goes on to its field', async () => {
  protect();
  await user.click(await screen.findByRole('radio', { name: 'Passphrase' }));
  const field = await screen.findByLabelText('Passphrase', { selector: 'input:not([type=radio])' });
  await vi.waitFor(() => expect(document.activeElement).toBe(field));
});

test('the key stays in view when Go tells that the vault is open before it answers', async () => {
  const backend = protect({
    create: async () => {
      backend.emit('vault', unconfirmed);
      await Promise.resolve();
      expect(screen.queryByText('Your recovery key is not confirmed')).toBeNull();
      return key;
    },
  });
  await press('Continue');
  await screen.findByText('Keep this recovery key');
  backend.off();
});

test('a key that was never confirmed is asked for, or made anew', async () => {
  vault.set({ ...unconfirmed, protection: 'passphrase', openedBy: 'passphrase' });
  const backend = protect({
    newRecoveryKey: ({ passphrase }) => (passphrase === 'right' ? key : refuse({ code: 'vault_passphrase_wrong' })()),
  });
  await screen.findByText('Your recovery key is not confirmed');
  expect(backend.called('vault.probe')).toEqual([]);
  const proof = screen.getByLabelText('Passphrase of the vault');
  await user.type(proof, 'wrong{Enter}');
  await screen.findByText(/not the passphrase of this vault/);
  await user.clear(proof);
  await user.type(proof, 'right{Enter}');
  await screen.findByText('Keep this recovery key');
});

test('a key that is at hand is confirmed as a whole', async () => {
  vault.set(unconfirmed);
  const backend = protect();
  await user.type(await screen.findByLabelText('Recovery key'), key);
  await press('Confirm');
  await vi.waitFor(() => expect(backend.ondone).toHaveBeenCalledOnce());
  expect(backend.called('vault.confirmRecovery')).toEqual([[key]]);
});

test('in Chinese', async () => {
  setLanguage('zh-CN');
  protect({ probe: () => absent });
  await screen.findByText('系统目前没有可用的钥匙串。');
  await user.type(screen.getByLabelText('密码短语', { selector: 'input:not([type=radio])' }), '四个互不相干的词');
  await press('继续');
  await screen.findByText('请保存恢复密钥');
  await press('我已保存好');
  await press('确认');
  expect(screen.getAllByText(/^请输入第 \d 组。$/)).toHaveLength(2);
});
