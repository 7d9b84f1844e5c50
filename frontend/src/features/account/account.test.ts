import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Me, Server } from '$lib/backend';
import { fakeBackend, type Overrides, problemOf, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { setLanguage } from '$lib/i18n';
import { servers, signIn, toasts } from '$lib/state';
import Root from './Account.svelte';

const sampleMe = samples.server.me;
if (!sampleMe) throw new Error('the sample is signed in');
const me: Me = sampleMe;
const on: Server = { ...samples.server, me: { ...me, secondFactor: true } };
const alist: Server = { ...samples.nas, state: 'signed_in', me: { ...me, secondFactor: true } };
const recovery = ['aaaa-bbbb', 'cccc-dddd'];

function account(server: Server = samples.server, overrides: Overrides = {}) {
  const backend = fakeBackend({
    ...overrides,
    account: {
      factor: () => ({ on: server.me?.secondFactor ?? false, recoveryCodesLeft: 8, kept: '' }),
      enableFactor: () => ({ recoveryCodes: recovery, unkept: null }),
      ...overrides.account,
    },
  });
  servers.begin([server], server.id);
  render(Root);
  return backend;
}
const click = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }));
const dialog = (name: string | RegExp) => screen.findByRole('dialog', { name });
const inDialog = async (name: RegExp) => within(await screen.findByRole('dialog')).findByLabelText<HTMLInputElement>(name);

beforeEach(() => {
  signIn.close();
  toasts.settle();
});

describe('the profile', () => {
  test('says who somebody is, in both languages', async () => {
    account();
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('You are signed in as ann');
    expect(screen.getByText('Administrator')).toBeTruthy();
    setLanguage('zh-CN');
    expect(await screen.findByText('管理员')).toBeTruthy();
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('当前登录账号：ann');
  });

  test('who is signed out can sign in', async () => {
    account(samples.nas);
    await click('Sign in');
    expect(signIn.server).toBe('nas');
  });

  test('a server that is away says why, and can be tried now', async () => {
    const problem = problemOf('server_unreachable');
    const backend = account({ ...samples.nas, state: 'offline', problem });
    await click('Try now');
    expect(backend.called('servers.check')).toEqual([['nas']]);
  });

  test('a new name asks for the password only when the server does', async () => {
    const backend = account(samples.server, { account: { rename: refuse({ code: 'proof_needed', field: 'password' }) } });
    await click('Rename');
    const name = await inDialog(/New user name/);
    await userEvent.clear(name);
    await userEvent.type(name, ' bob {Enter}');
    const password = await inDialog(/^Current password/);
    expect(document.activeElement).toBe(password);
    expect(password.getAttribute('aria-invalid')).toBeNull();
    backend.answer({ account: { rename: ({ username }) => ({ ...samples.server, username, me: { ...me, username } }) } });
    await userEvent.type(password, 'secret{Enter}');
    expect(backend.called('account.rename').at(-1)).toEqual([{ id: 'own', username: 'bob', password: 'secret' }]);
    expect(servers.current?.me?.username).toBe('bob');
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  test('a taken name is said at the field', async () => {
    account(samples.server, { account: { rename: refuse({ code: 'username_taken', field: 'username' }) } });
    await click('Rename');
    const name = await inDialog(/New user name/);
    await userEvent.type(name, '{Enter}');
    expect(screen.getByText(/That is your name already/)).toBeTruthy();
    await userEvent.type(name, 'x{Enter}');
    expect(await screen.findByText(/That user name is taken/)).toBeTruthy();
    expect(document.activeElement).toBe(name);
  });

  test('AList signs out everywhere with a new name, and that is said before', async () => {
    account(alist);
    await click('Rename');
    expect((await dialog(/another user name/)).textContent).toMatch(/signs all your devices out, this one too/);
  });
});

describe('the password', () => {
  test('is changed, and what that does is said before', async () => {
    const backend = account();
    await click('Change password');
    expect((await dialog('Change your password')).textContent).toMatch(/other devices are signed out/);
    await userEvent.type(await inDialog(/^Current password/), 'old');
    await userEvent.type(await inDialog(/^New password/), 'four new words here');
    expect(await screen.findByText('Strong')).toBeTruthy();
    await userEvent.keyboard('{Enter}');
    expect(backend.called('account.changePassword')).toEqual([[{ id: 'own', current: 'old', next: 'four new words here', code: '' }]]);
    expect(toasts.list.at(-1)?.text).toMatch(/other devices are signed out/);
    expect(signIn.server).toBe('');
  });

  test('whose new sign-in did not work leads to the sheet', async () => {
    account(on, { account: { changePassword: () => ({ signedIn: false }) } });
    await click('Change password');
    await userEvent.type(await inDialog(/^Current password/), 'old');
    await userEvent.type(await inDialog(/^New password/), 'four new words here');
    await userEvent.type(await inDialog(/^Code/), '123456{Enter}');
    expect(signIn.server).toBe('own');
  });

  test.each([
    ['password_wrong', 'password', /^Current password/, /not your current password/],
    ['password_common', 'new_password', /^New password/, /among the first that attackers try/],
  ])('%s is said at its field', async (code, field, label, sentence) => {
    account(samples.server, { account: { changePassword: refuse({ code, field }) } });
    await click('Change password');
    await userEvent.type(await inDialog(/^New password/), 'x{Enter}');
    expect(await screen.findByText(sentence)).toBeTruthy();
    expect((await inDialog(label)).getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(await inDialog(label));
  });

  test('a server that asks for no proof gets no field for it', async () => {
    account(alist);
    await click('Change password');
    await inDialog(/^New password/);
    expect(screen.queryByLabelText(/^Current password/)).toBeNull();
  });
});

describe('two-factor', () => {
  test('is set up: scan, confirm, keep the codes', async () => {
    const backend = account();
    expect(screen.getByText(/an app on your phone shows/)).toBeTruthy();
    await click('Set up two-factor');
    expect(await screen.findByRole('img', { name: /QR code/ })).toBeTruthy();
    expect(screen.getByText('JBSW Y3DP EHPK 3PXP')).toBeTruthy();
    await click('Copy the key');
    expect(backend.called('shell.copyText')).toEqual([[{ text: 'JBSWY3DPEHPK3PXP', secret: true }]]);

    backend.answer({ account: { enableFactor: refuse({ code: 'new_code_wrong', field: 'code' }) } });
    const code = await inDialog(/^Code that the app shows/);
    await userEvent.type(code, '000000');
    expect(await screen.findByText(/That code does not fit/)).toBeTruthy();
    expect(document.activeElement).toBe(code);
    backend.answer({ account: { enableFactor: () => ({ recoveryCodes: recovery, unkept: null }) } });
    await userEvent.clear(code);
    await userEvent.type(code, '123456');
    expect(backend.called('account.enableFactor').at(-1)).toEqual([
      { id: 'own', secret: 'JBSWY3DPEHPK3PXP', code: '123456', keep: false, password: '', currentCode: '' },
    ]);
    await dialog('Keep these recovery codes');
  });

  test('is kept in Latchkey, which enters the first code itself', async () => {
    const backend = account();
    await click('Set up two-factor');
    await screen.findByRole('img', { name: /QR code/ });
    await userEvent.click(screen.getByRole('checkbox', { name: /Keep it in Latchkey/ }));
    expect(screen.queryByLabelText(/^Code that the app shows/)).toBeNull();
    expect(screen.getByText(/Whoever opens this vault has both/)).toBeTruthy();
    await click('Turn on');
    expect(backend.called('account.enableFactor')).toEqual([
      [{ id: 'own', secret: 'JBSWY3DPEHPK3PXP', code: '', keep: true, password: '', currentCode: '' }],
    ]);
    await dialog('Keep these recovery codes');
  });

  test('is on though it could not be kept, and can still be scanned', async () => {
    const backend = account(samples.server, {
      account: { enableFactor: () => ({ recoveryCodes: recovery, unkept: problemOf('otp_full') }), keepFactor: refuse({ code: 'otp_full' }) },
    });
    await click('Set up two-factor');
    await screen.findByRole('img', { name: /QR code/ });
    await userEvent.click(screen.getByRole('checkbox', { name: /Keep it in Latchkey/ }));
    await click('Turn on');
    await dialog(/Latchkey could not keep it/);
    expect(screen.getByText(/room for 5,000 codes/)).toBeTruthy();
    expect(screen.getByRole('img', { name: /QR code/ })).toBeTruthy();
    await click('Try again');
    expect(backend.called('account.keepFactor')).toEqual([[{ id: 'own', secret: 'JBSWY3DPEHPK3PXP' }]]);
    await userEvent.keyboard('{Escape}'); // does not lose it
    await click('I have it elsewhere');
    await dialog('Keep these recovery codes');
  });

  test('a kept code fills in the proof, and goes to the trash with the factor, from where it comes back', async () => {
    const backend = account(on, {
      account: { factor: () => ({ on: true, recoveryCodesLeft: 8, kept: 'nas (ann)' }) },
      signIn: { takeCode: () => ({ name: 'nas (ann)', code: '246802' }) },
    });
    await screen.findByText(/As nas \(ann\)/);
    await click('Turn off');
    await click('Fill in from Latchkey');
    expect(backend.called('signIn.takeCode')).toEqual([[{ id: 'own', username: 'ann' }]]);
    expect((await inDialog(/^Code/)).value).toBe('246802');
    await userEvent.keyboard('{Enter}');
    const turnOff = within(await screen.findByRole('dialog')).getAllByRole('button', { name: 'Turn off' });
    await userEvent.click(turnOff.at(-1) as HTMLElement);
    expect(backend.called('account.disableFactor')).toEqual([[{ id: 'own', password: '', code: '246802' }]]);
    expect(backend.called('account.trashKept')).toEqual([['own']]);
    expect(toasts.list.map((t) => t.text)).toEqual(['Two-factor sign-in is off, and its code is in the trash.']);
    toasts.undo(toasts.list[0] as never);
    expect(backend.called('codes.restore')).toEqual([[['e1']]]);
  });

  test('the codes stay until they are kept', async () => {
    const backend = account();
    await click('Set up two-factor');
    await userEvent.type(await inDialog(/^Code that the app shows/), '123456');
    await dialog('Keep these recovery codes');
    await userEvent.keyboard('{Escape}');
    expect(screen.getByText('aaaa-bbbb', { selector: 'code' })).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Done' }).disabled).toBe(true);
    await click('Copy');
    expect(backend.called('shell.copyText')).toEqual([[{ text: 'aaaa-bbbb\ncccc-dddd', secret: true }]]);
    await click('Save as a file');
    expect(backend.called('account.saveCodes')).toEqual([[{ id: 'own', codes: recovery }]]);
    expect(await screen.findByText('Saved: /home/ann/codes.txt')).toBeTruthy();
    await userEvent.click(screen.getByRole('checkbox', { name: /I have kept them/ }));
    await click('Done');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.queryByText('aaaa-bbbb')).toBeNull();
  });

  test('a set-up that has run out begins again with a new QR code', async () => {
    const backend = account(samples.server, { account: { enableFactor: refuse({ code: 'factor_not_started' }) } });
    await click('Set up two-factor');
    await userEvent.type(await inDialog(/^Code that the app shows/), '123456');
    await click('Get a new QR code');
    expect(backend.called('account.startFactor')).toHaveLength(2);
  });

  test('is replaced with a code of the old one', async () => {
    const backend = account(on);
    await click('Replace');
    await userEvent.type(await inDialog(/^Code from the new authenticator/), '111111');
    expect(backend.called('account.enableFactor')).toHaveLength(0);
    await userEvent.type(await inDialog(/^Code from the old authenticator/), '222222{Enter}');
    expect(backend.called('account.enableFactor')[0]).toMatchObject([{ code: '111111', currentCode: '222222' }]);
  });

  test('new codes want a code, and the password if the server asks', async () => {
    const backend = account(on, { account: { newRecoveryCodes: refuse({ code: 'proof_needed', field: 'password' }) } });
    expect(await screen.findByText('8 recovery codes left')).toBeTruthy();
    await click('Make new codes');
    await userEvent.type(await inDialog(/^Code/), '123456{Enter}');
    backend.answer({ account: { newRecoveryCodes: () => recovery } });
    await userEvent.type(await inDialog(/^Current password/), 'secret{Enter}');
    expect(backend.called('account.newRecoveryCodes').at(-1)).toEqual([{ id: 'own', password: 'secret', code: '123456' }]);
    await dialog('Keep these recovery codes');
  });

  test('is turned off with proof', async () => {
    const backend = account(on, { account: { disableFactor: refuse({ code: 'code_wrong' }) } });
    await click('Turn off');
    const code = await inDialog(/^Code/);
    await userEvent.type(code, '000000{Enter}');
    expect(code.getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(code);
    backend.answer({ account: { disableFactor: () => undefined } });
    await userEvent.clear(code);
    await userEvent.type(code, '8k3v-xw7p-m2rt-q9z4{Enter}');
    expect(backend.called('account.disableFactor').at(-1)).toEqual([{ id: 'own', password: '', code: '8k3v-xw7p-m2rt-q9z4' }]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  test('of AList says who can turn it off', () => {
    account(alist);
    expect(screen.getByText(/only an administrator can turn it off/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Turn off' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Make new codes' })).toBeNull();
  });
});
