import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DevKey, Server } from '$lib/backend';
import { fakeBackend, type Overrides, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { setLanguage } from '$lib/i18n';
import { servers, signIn, toasts } from '$lib/state';
import { errand } from '$lib/state/errand.svelte';
import Root from '../Account.svelte';

const me = samples.server.me;
if (!me) throw new Error('the sample is signed in');
const withFactor: Server = { ...samples.server, me: { ...me, secondFactor: true } };
const text = '17952048000a1b2c3d-0ca0-4e5a-8ce7-3d3cc830d94f';
const other: DevKey = { ...samples.devKey, id: '8', name: 'cron' };

function open(keys: DevKey[], overrides: Overrides['account'] = {}, server: Server = samples.server) {
  const backend = fakeBackend({ account: { devKeys: () => keys, ...overrides } });
  servers.begin([server], server.id);
  render(Root);
  return backend;
}
const card = async () => within(await screen.findByRole('region', { name: 'Developer keys' }));
const press = async (name: string) => userEvent.click(await screen.findByRole('button', { name }));
const choose = async (name: string, item: string) => {
  await press(`Actions for ${name}`);
  await userEvent.click(await screen.findByRole('menuitem', { name: item }));
};
const inDialog = async (name: RegExp) => within(await screen.findByRole('dialog')).findByLabelText<HTMLInputElement>(name);

beforeEach(() => errand.leave(''));
afterEach(() => {
  signIn.close();
  toasts.settle();
});

describe('the list', () => {
  test('says what such a key is, and what has become of each, in both languages', async () => {
    const day = 86_400_000;
    open([
      { ...samples.devKey, lastUsedAt: Date.now() - day, address: '10.*.*.6', expiresAt: Date.now() + 3 * day },
      { ...other, status: 'inactive' },
      { ...other, id: '9', name: 'old', status: 'expired', expiresAt: Date.now() - day },
    ]);
    const list = await card();
    expect(list.getByText(/stands in for your password on the XSwitch API/)).toBeTruthy();
    expect(await list.findByText('Used yesterday from 10.*.*.6')).toBeTruthy();
    expect(list.getByText('Ends in 3 days')).toBeTruthy();
    expect(list.getByText('Disabled')).toBeTruthy();
    expect(list.getAllByText('Never used')).toHaveLength(2);
    expect(list.getByText('Ended yesterday')).toBeTruthy();
    setLanguage('zh-CN');
    expect(await screen.findByText('昨天从 10.*.*.6 使用')).toBeTruthy();
    expect(screen.getByText('昨天已到期')).toBeTruthy();
    expect(screen.getByText('已停用')).toBeTruthy();
  });

  test('that is empty has the way to the first', async () => {
    open([]);
    expect(await screen.findByText(/You have none/)).toBeTruthy();
    await press('Make a key');
    expect(await screen.findByRole('dialog', { name: 'Make a developer key' })).toBeTruthy();
  });

  test('is not there on servers that have no such keys', async () => {
    const backend = open([], {}, { ...samples.nas, state: 'signed_in', me });
    expect(await screen.findByText('Two-factor sign-in')).toBeTruthy();
    expect(screen.queryByText('Developer keys')).toBeNull();
    expect(backend.called('account.devKeys')).toEqual([]);
  });

  test('nor on a Latchkey from before', async () => {
    open([], { devKeys: refuse({ code: 'server_lacks_this' }) });
    await screen.findByText('Two-factor sign-in');
    await expect.poll(() => screen.queryByText('Developer keys')).toBeNull();
  });

  test('that cannot be loaded says so, and can be tried again', async () => {
    const backend = open([], { devKeys: refuse({ code: 'server_busy' }) });
    expect(await screen.findByText('Your developer keys could not be loaded.')).toBeTruthy();
    backend.answer({ account: { devKeys: () => [samples.devKey] } });
    await press('Try again');
    expect(await screen.findByText('nightly backup')).toBeTruthy();
  });
});

describe('making one', () => {
  test('shows it until it is kept, and no longer', async () => {
    const backend = open([]);
    await press('Make a key');
    const name = await inDialog(/^Name/);
    expect(document.activeElement).toBe(name);
    await userEvent.type(name, 'cron');
    expect(screen.queryByLabelText(/^Current password/)).toBeNull();
    backend.answer({ account: { devKeys: () => [other] } });
    await press('Make the key');
    expect(backend.called('account.makeDevKey')).toEqual([[{ id: 'own', name: 'cron', days: 365, password: '', code: '' }]]);
    await screen.findByRole('dialog', { name: 'Keep this key' });
    await userEvent.keyboard('{Escape}');
    expect(screen.getByText(text, { selector: 'code' })).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Done' }).disabled).toBe(true);
    await press('Copy');
    expect(backend.called('shell.copyText')).toEqual([[{ text, secret: true }]]);
    await press('Save as a file');
    expect(backend.called('account.saveDevKey')).toEqual([[{ id: 'own', name: 'cron', text }]]);
    await userEvent.click(screen.getByRole('checkbox', { name: /I have kept it/ }));
    await press('Done');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.queryByText(text)).toBeNull();
    expect(await (await card()).findByText('cron')).toBeTruthy();
  });

  test('asks for the password only when the server does', async () => {
    const backend = open([], { makeDevKey: refuse({ code: 'proof_needed', field: 'password' }) });
    await press('Make a key');
    await userEvent.type(await inDialog(/^Name/), 'cron{Enter}');
    const password = await inDialog(/^Current password/);
    expect(document.activeElement).toBe(password);
    expect(password.getAttribute('aria-invalid')).toBeNull();
    backend.answer({ account: { makeDevKey: refuse({ code: 'password_wrong', field: 'password' }) } });
    await userEvent.type(password, 'wrong{Enter}');
    expect(await screen.findByText('That is not your current password.')).toBeTruthy();
    expect(password.value).toBe('wrong');
    backend.answer({ account: { makeDevKey: () => ({ key: other, text }) } });
    await userEvent.type(password, ' but right{Enter}');
    expect(backend.called('account.makeDevKey').at(-1)).toMatchObject([{ name: 'cron', password: 'wrong but right' }]);
    expect(await screen.findByText(text, { selector: 'code' })).toBeTruthy();
  });

  test('takes a code where there is a second factor', async () => {
    const backend = open([], {}, withFactor);
    await press('Make a key');
    await userEvent.type(await inDialog(/^Name/), 'cron');
    await userEvent.type(await inDialog(/^Code/), '123456{Enter}');
    expect(backend.called('account.makeDevKey')).toMatchObject([[{ code: '123456' }]]);
  });

  test.each([
    ['dev_key_name_invalid', 'name', /a name of 1 to 64 characters/],
    ['dev_key_limit', '', /as many developer keys as the server allows/],
  ])('%s is said where it belongs', async (code, field, sentence) => {
    open([], { makeDevKey: refuse({ code, field }) });
    await press('Make a key');
    const name = await inDialog(/^Name/);
    await userEvent.type(name, 'x{Enter}');
    expect(await screen.findByText(sentence)).toBeTruthy();
    expect(name.getAttribute('aria-invalid')).toBe(field ? 'true' : null);
  });

  test('is where the palette leads, also when the screen is there already', async () => {
    open([samples.devKey]);
    await screen.findByText('nightly backup');
    errand.leave('dev-key');
    expect(await screen.findByRole('dialog', { name: 'Make a developer key' })).toBeTruthy();
  });
});

describe('a key', () => {
  test('is replaced, and the old one goes on for a day unless somebody says otherwise', async () => {
    const backend = open([samples.devKey]);
    await choose('nightly backup', 'Replace…');
    expect((await screen.findByRole('dialog', { name: 'Replace “nightly backup”' })).textContent).toMatch(/goes on for a while/);
    await press('Make a new key');
    expect(backend.called('account.replaceDevKey')).toEqual([[{ id: 'own', key: '7', hours: 24, password: '', code: '' }]]);
    expect(await screen.findByRole('dialog', { name: 'Keep this key' })).toBeTruthy();
  });

  test('is disabled and enabled without a question', async () => {
    const backend = open([samples.devKey, { ...other, status: 'inactive' }]);
    await choose('nightly backup', 'Disable');
    expect(backend.called('account.disableDevKey')).toEqual([[{ id: 'own', key: '7' }]]);
    expect(toasts.list.at(-1)?.text).toBe('“nightly backup” is disabled. You can enable it again.');
    await choose('cron', 'Enable');
    expect(backend.called('account.enableDevKey')).toEqual([[{ id: 'own', key: '8' }]]);
  });

  test('that has ended can only be deleted', async () => {
    open([{ ...samples.devKey, status: 'expired', expiresAt: 1 }]);
    await press('Actions for nightly backup');
    expect(screen.getAllByRole('menuitem')).toHaveLength(1);
  });

  test('is deleted by its name, and the neighbour has the focus', async () => {
    const backend = open([samples.devKey, other]);
    await choose('nightly backup', 'Delete…');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Delete the key' }).disabled).toBe(true);
    backend.answer({ account: { devKeys: () => [other] } });
    await userEvent.type(await inDialog(/^Type/), 'nightly backup{Enter}');
    expect(backend.called('account.deleteDevKey')).toEqual([[{ id: 'own', key: '7' }]]);
    expect(screen.queryByText('nightly backup')).toBeNull();
    await expect.poll(() => document.activeElement?.getAttribute('aria-label')).toBe('Actions for cron');
  });

  test('that somebody else has deleted goes from the list', async () => {
    open([samples.devKey], { deleteDevKey: refuse({ code: 'dev_key_not_found' }) });
    await choose('nightly backup', 'Delete…');
    await userEvent.type(await inDialog(/^Type/), 'nightly backup{Enter}');
    expect(toasts.list.at(-1)?.text).toBe('“nightly backup” was deleted.');
  });
});
