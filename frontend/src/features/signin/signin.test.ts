import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Server } from '$lib/backend';
import { fakeBackend, never, problemOf, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { setLanguage } from '$lib/i18n';
import { servers, signIn, toasts } from '$lib/state';
import { attempts } from './attempts.svelte';
import Overlay from './SignInSheet.svelte';
import SignInForm from './SignInForm.svelte';

const nas: Server = { ...samples.nas, username: 'ann', codeExpected: false };
const own: Server = { ...samples.server, state: 'signed_out', me: null };
const onsignedin = vi.fn();
const me = samples.server.me;
if (!me) throw new Error('the sample is signed in');

function form(server: Server = own) {
  servers.begin([server], server.id);
  return render(SignInForm, { server, onsignedin });
}
const name = () => screen.getByRole<HTMLInputElement>('textbox', { name: /User name|用户名/ });
const password = () => screen.getByLabelText<HTMLInputElement>(/^(Password|密码)$/);
const code = () => screen.queryByRole<HTMLInputElement>('textbox', { name: /^(Code|验证码)$/ });
const button = () => screen.getByRole<HTMLButtonElement>('button', { name: /^(Sign in|登录)$/ });

beforeEach(() => onsignedin.mockReset());
afterEach(() => {
  vi.useRealTimers();
  for (const s of [own, nas]) attempts.succeeded(s, 'ann');
  signIn.close();
});

describe('password', () => {
  test('signs in with what was typed', async () => {
    const backend = fakeBackend();
    form();
    expect(name().value).toBe('ann');
    await vi.waitFor(() => expect(document.activeElement).toBe(password()));
    await userEvent.type(password(), 'secret words{Enter}');
    expect(backend.called('signIn.signIn')).toEqual([[{ id: 'own', username: 'ann', password: 'secret words', code: '' }]]);
    expect(onsignedin).toHaveBeenCalledOnce();
  });

  test('can be pasted, and password managers know the fields', async () => {
    fakeBackend();
    form();
    await userEvent.click(password());
    await userEvent.paste('from a manager');
    expect(password().value).toBe('from a manager');
    expect(name().autocomplete).toBe('username');
    expect(password().autocomplete).toBe('current-password');
  });

  test('a wrong one keeps the name and counts down to the lock', async () => {
    fakeBackend({ signIn: { signIn: refuse({ code: 'credentials_wrong' }) } });
    form();
    await userEvent.type(password(), 'wrong{Enter}');
    expect(password().getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText(/the password is wrong.*4 more wrong tries/)).toBeTruthy();
    expect(document.activeElement).toBe(password());
    expect(name().value).toBe('ann');
    setLanguage('zh-CN');
    await tick();
    expect(screen.getByText(/密码不对.*再错 4 次/)).toBeTruthy();
  });

  test('an unknown server does not tell how many tries are left', async () => {
    fakeBackend({ signIn: { signIn: refuse({ code: 'credentials_wrong' }) } });
    form({ ...nas, kind: 'other' });
    await userEvent.type(password(), 'wrong{Enter}');
    expect(screen.queryByText(/more wrong/)).toBeNull();
  });

  test('nothing is sent twice', async () => {
    const backend = fakeBackend({ signIn: { signIn: never } });
    form();
    await userEvent.type(password(), 'x{Enter}{Enter}');
    await userEvent.click(button());
    expect(backend.called('signIn.signIn')).toHaveLength(1);
  });
});

describe('code', () => {
  test('a missing one is the next field, not an error', async () => {
    const backend = fakeBackend({ signIn: { signIn: refuse({ code: 'code_needed' }) } });
    form();
    expect(code()).toBeNull();
    await userEvent.type(password(), 'right{Enter}');
    expect(document.activeElement).toBe(code());
    expect(code()?.getAttribute('aria-invalid')).toBeNull();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByText(/The password is right/)).toBeTruthy();
    expect(password().value).toBe('right');

    backend.answer({ signIn: { signIn: () => own } });
    await userEvent.paste('１２３ 456'); // full-width digits, and a space
    expect(backend.called('signIn.signIn').at(-1)).toEqual([{ id: 'own', username: 'ann', password: 'right', code: '123456' }]);
    expect(onsignedin).toHaveBeenCalledOnce();
  });

  test('a wrong one clears nothing, gets the focus, and tells of the next', async () => {
    fakeBackend({ signIn: { signIn: refuse({ code: 'code_wrong' }) } });
    form({ ...own, codeExpected: true });
    await userEvent.type(password(), 'right');
    await userEvent.type(code() as HTMLElement, '000000');
    expect(await screen.findByText(/That code is not right. 4 more wrong tries/)).toBeTruthy();
    expect([name().value, password().value, code()?.value]).toEqual(['ann', 'right', '000000']);
    expect(document.activeElement).toBe(code());
    expect(code()?.selectionEnd).toBe(6);
    expect(screen.getByText(/The next one comes in \d+ s|shows a new code now/)).toBeTruthy();
  });

  test('is asked for at once where the account has two-factor, but not for another account', async () => {
    fakeBackend();
    form({ ...own, codeExpected: true });
    expect(code()).not.toBeNull();
    await userEvent.type(name(), 'a');
    expect(code()).toBeNull();
  });

  test('can be left out where two-factor was turned off meanwhile', async () => {
    const backend = fakeBackend();
    form({ ...nas, codeExpected: true });
    await userEvent.click(screen.getByRole('button', { name: 'Sign in without a code' }));
    expect(code()).toBeNull();
    await userEvent.type(password(), 'right{Enter}');
    expect(backend.called('signIn.signIn')[0]).toEqual([{ id: 'nas', username: 'ann', password: 'right', code: '' }]);
  });

  test('AList counts a missing one, Latchkey does not', () => {
    const missing = problemOf('code_needed');
    attempts.failed(nas, 'ann', missing);
    attempts.failed(own, 'ann', missing);
    expect([attempts.left(nas, 'ann'), attempts.left(own, 'ann')]).toEqual([4, null]);
  });

  test('clocks that are apart are named', async () => {
    fakeBackend({ signIn: { signIn: refuse({ code: 'code_wrong' }) } });
    form({ ...own, codeExpected: true, drift: -3600 });
    await userEvent.type(password(), 'right');
    await userEvent.type(code() as HTMLElement, '000000');
    expect(await screen.findByText(/clocks of this computer and the server are 60 minutes apart/)).toBeTruthy();
  });
});

describe('a code that Latchkey has', () => {
  const linked = { linked: () => 'nas (ann)', takeCode: () => ({ name: 'nas (ann)', code: '246802' }) };
  const sent = (backend: ReturnType<typeof fakeBackend>) => backend.called('signIn.signIn').map(([c]) => (c as { code: string }).code);

  test('is filled in and sent once the server asks, and the person sees that', async () => {
    const backend = fakeBackend({ signIn: { ...linked, signIn: ({ code }) => (code ? own : refuse({ code: 'code_needed' })()) } });
    form({ ...own, codeExpected: true });
    expect(await screen.findByText(/Leave it empty, and Latchkey fills in the code of nas \(ann\)/)).toBeTruthy();
    expect(backend.called('signIn.takeCode')).toEqual([]); // not before the server has asked
    await userEvent.type(password(), 'right{Enter}');
    await vi.waitFor(() => expect(onsignedin).toHaveBeenCalledOnce());
    expect(sent(backend)).toEqual(['', '246802']);
    expect(backend.called('signIn.takeCode')).toEqual([[{ id: 'own', username: 'ann' }]]);
    expect(toasts.list.at(-1)?.text).toBe('Signed in with the code of nas (ann) from Latchkey.');
  });

  test('is given once to a server that asks again; then the person types', async () => {
    const backend = fakeBackend({ signIn: { ...linked, signIn: ({ code }) => refuse({ code: code ? 'code_wrong' : 'code_needed' })() } });
    form();
    await userEvent.type(password(), 'right{Enter}');
    expect(await screen.findByText(/That code is not right/)).toBeTruthy();
    expect(sent(backend)).toEqual(['', '246802']);
    expect(code()?.value).toBe('246802');
    expect(screen.getByText(/Filled in from Latchkey: nas \(ann\)/)).toBeTruthy();
    await userEvent.keyboard('111111'); // over the one that was wrong, which is selected
    expect(sent(backend)).toEqual(['', '246802', '111111']);
    expect(screen.queryByText(/Filled in from Latchkey/)).toBeNull();
    expect(backend.called('signIn.takeCode')).toHaveLength(1);
  });

  test('that was used is waited for, and something typed goes before it', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const backend = fakeBackend({
      signIn: { ...linked, takeCode: refuse({ code: 'otp_spent', retryAfter: 12 }), signIn: ({ code }) => (code ? own : refuse({ code: 'code_needed' })()) },
    });
    form();
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    await user.type(password(), 'right{Enter}');
    expect(await screen.findByText(/The next one is sent in 1[12] s/)).toBeTruthy();
    await user.type(password(), '{Enter}'); // nothing is sent twice meanwhile
    expect(sent(backend)).toEqual(['']);
    backend.answer({ signIn: { takeCode: linked.takeCode } });
    await vi.advanceTimersByTimeAsync(13_000);
    await vi.waitFor(() => expect(onsignedin).toHaveBeenCalledOnce());
    expect(sent(backend)).toEqual(['', '246802']);
  });

  test('typing ends the waiting', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const backend = fakeBackend({
      signIn: { ...linked, takeCode: refuse({ code: 'otp_spent', retryAfter: 12 }), signIn: ({ code }) => (code ? own : refuse({ code: 'code_needed' })()) },
    });
    form();
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    await user.type(password(), 'right{Enter}');
    await screen.findByText(/The next one is sent in 1[12] s/);
    await user.type(code() as HTMLElement, '135791');
    expect(sent(backend)).toEqual(['', '135791']);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(backend.called('signIn.takeCode')).toHaveLength(1);
  });
});

describe('a lock', () => {
  test('begins with the last failure that Latchkey allows', async () => {
    const backend = fakeBackend({ signIn: { signIn: refuse({ code: 'credentials_wrong' }) } });
    form();
    for (const n of [1, 2, 3, 4, 5]) await userEvent.type(password(), `${n}{Enter}`);
    expect(screen.getByText(/The server now locks sign-in/)).toBeTruthy();
    expect(screen.getByText(/You can try again in (5:00|4:59)/)).toBeTruthy();
    expect(button().disabled).toBe(true);
    await userEvent.type(password(), '{Enter}');
    expect(backend.called('signIn.signIn')).toHaveLength(5);
  });

  test('counts down without chatter, and the button comes back by itself', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    fakeBackend({ signIn: { signIn: refuse({ code: 'too_many_attempts', retryAfter: 272 }) } });
    form();
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    await user.type(password(), 'right{Enter}');
    expect(button().disabled).toBe(true);
    expect(screen.getByText(/You can try again in 4:3\d/)).toBeTruthy();
    const live = document.querySelector('p.heard[role="status"]');
    expect(live?.textContent).toBe('You can try again in 5 minutes.');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(live?.textContent).toBe('You can try again in 5 minutes.');
    expect(screen.getByText(/You can try again in 3:3\d/)).toBeTruthy();
    await vi.advanceTimersByTimeAsync(215_000);
    expect(button().disabled).toBe(false);
    expect(live?.textContent).toBe('You can sign in again now.');
    expect(password().value).toBe('right');
  });

  test('of unknown length is said in words', async () => {
    fakeBackend({ signIn: { signIn: refuse({ code: 'too_many_attempts' }) } });
    form();
    await userEvent.type(password(), 'right{Enter}');
    expect(screen.getByRole('alert').textContent).toMatch(/a few minutes/);
    expect(button().disabled).toBe(false);
  });

  test('whoever sits at the computer can lift that of its own server', async () => {
    const backend = fakeBackend({ signIn: { signIn: refuse({ code: 'too_many_attempts', retryAfter: 300 }) } });
    form(own);
    await userEvent.type(password(), 'right{Enter}');
    await userEvent.click(await screen.findByRole('button', { name: 'Unlock now' }));
    expect(backend.called('own.unlock')).toEqual([['ann']]);
    expect(button().disabled).toBe(false);
    expect(password().value).toBe('right');
  });

  test('only the server elsewhere lifts its own', () => {
    fakeBackend();
    form({ ...nas, lockedUntil: Date.now() + 60_000 });
    expect(screen.queryByRole('button', { name: 'Unlock now' })).toBeNull();
  });

  test('that Go remembers holds from the start', () => {
    fakeBackend();
    form({ ...nas, lockedUntil: Date.now() + 60_000 });
    expect(button().disabled).toBe(true);
  });
});

describe('other refusals', () => {
  test('a captcha says honestly what to do', async () => {
    fakeBackend({ signIn: { signIn: refuse({ code: 'captcha_required' }) } });
    form(nas);
    await userEvent.type(password(), 'x{Enter}');
    expect(screen.getByRole('alert').textContent).toMatch(/Sign in there once, then try again here/);
    expect(screen.getByRole('button', { name: 'Copy the address' })).toBeTruthy();
  });

  test.each(['session_ended', 'password_changed', 'token_expired'])('%s stands on top', (why) => {
    fakeBackend();
    form({ ...nas, problem: problemOf(why) });
    expect(screen.getByRole('note').textContent).toMatch(/[Ss]ign in again/);
  });
});

describe('a password that must be changed', () => {
  const must: Server = { ...own, state: 'signed_in', me: { ...me, mustChangePassword: true } };
  const next = () => screen.getByLabelText<HTMLInputElement>('New password');

  test('is changed in place, without typing the old one again', async () => {
    const backend = fakeBackend({ signIn: { signIn: () => must } });
    form();
    await userEvent.type(password(), 'given{Enter}');
    expect(onsignedin).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(next());
    backend.answer({ signIn: { changePassword: refuse({ code: 'password_too_short', field: 'new_password', message: '8' }) } });
    await userEvent.type(next(), 'short{Enter}');
    expect(next().getAttribute('aria-invalid')).toBe('true');
    backend.answer({ signIn: { changePassword: () => own } });
    await userEvent.type(next(), ' and longer{Enter}');
    expect(backend.called('signIn.changePassword').at(-1)).toEqual([
      { id: 'own', username: 'ann', current: 'given', next: 'short and longer', code: '' },
    ]);
    expect(onsignedin).toHaveBeenCalledOnce();
  });

  test('asks for the old one where it was typed in an earlier run', async () => {
    const backend = fakeBackend();
    form(must);
    await userEvent.type(screen.getByLabelText('Current password'), 'given');
    await userEvent.type(next(), 'four new words{Enter}');
    expect(backend.called('signIn.changePassword')[0]).toMatchObject([{ current: 'given' }]);
  });

  test('with two-factor goes on to the next code, and keeps the new password', async () => {
    const backend = fakeBackend({ signIn: { signIn: () => must, changePassword: refuse({ code: 'code_needed' }) } });
    form();
    await userEvent.type(password(), 'given{Enter}');
    await userEvent.type(next(), 'four new words{Enter}');
    expect(screen.getByText('The password is changed.')).toBeTruthy();
    await vi.waitFor(() => expect(document.activeElement).toBe(code()));
    backend.answer({ signIn: { signIn: () => own } });
    await userEvent.keyboard('123456');
    expect(backend.called('signIn.signIn').at(-1)).toMatchObject([{ password: 'four new words', code: '123456' }]);
  });
});

describe('the sheet', () => {
  test('opens when this device is signed out from elsewhere, and closes when signed in', async () => {
    const backend = fakeBackend();
    const inside: Server = { ...samples.nas, state: 'signed_in', me };
    servers.begin([inside], 'nas');
    render(Overlay);
    expect(screen.queryByRole('dialog')).toBeNull();
    const problem = problemOf('session_ended');
    servers.set([{ ...inside, state: 'signed_out', me: null, problem }]);
    expect(await screen.findByRole('dialog', { name: 'Sign in to nas.local' })).toBeTruthy();
    expect(screen.getByText(/signed out from elsewhere/)).toBeTruthy();
    await userEvent.type(password(), 'right{Enter}');
    expect(backend.called('signIn.signIn')).toHaveLength(1);
    expect(signIn.server).toBe('');
  });

  test('stays away when somebody signs out themselves', async () => {
    fakeBackend();
    const inside: Server = { ...samples.nas, state: 'signed_in', me };
    servers.begin([inside], 'nas');
    render(Overlay);
    servers.set([{ ...inside, state: 'signed_out', me: null }]);
    await tick();
    expect(signIn.server).toBe('');
  });
});
