import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CodeClock, CodeEntry, Settings } from '$lib/backend';
import { fakeBackend, type Overrides, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { setLanguage } from '$lib/i18n';
import { clipboard, counts, servers, settings, toasts } from '$lib/state';
import Root from './Codes.svelte';
import { added, flow } from './flow.svelte';

vi.setConfig({ testTimeout: 30_000 });
const book = (entries: CodeEntry[], trashed = 0) => () => ({ entries, codes: [], trashed });
const totp = samples.codeEntry;

function open(codes: Overrides['codes'] = {}, prefer: Partial<Settings> = {}) {
  const backend = fakeBackend({ codes });
  settings.set({ ...samples.settings, ...prefer });
  servers.begin([samples.server, samples.nas], 'own');
  render(Root);
  return backend;
}
const row = (name: RegExp) => screen.findByRole('row', { name });
const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole('button', { name }));
const choose = async (of: string, item: string | RegExp) => {
  await press(`Actions for ${of}`);
  await userEvent.click(await screen.findByRole('menuitem', { name: item }));
};
const gitHub = 'GitHub (ann@example.org)';
/** digits waits until a row shows a code, and returns it. */
const digits = async (name: RegExp) => {
  const code = await within(await row(name)).findByRole('button', { name: /^Copy the code for .*: \d/ });
  return code.textContent.replace(/\s/g, '');
};

beforeEach(() => flow.go({ place: 'list' }));
afterEach(() => {
  vi.useRealTimers();
  toasts.settle();
  void clipboard.clear();
});

describe('the clock', () => {
  const late = { server: 'nas', name: 'nas', ahead: 60, compared: Date.now(), level: 'warning', usable: true } as const;
  test('is quiet where it goes right, and where it still does no harm', async () => {
    const backend = open();
    await digits(/GitHub/);
    expect(screen.queryByText(/clock of/)).toBeNull();
    backend.answer({ codes: { clock: () => ({ ...late, ahead: -8, level: 'quiet' }) } });
    backend.emit('servers', []);
    expect(await screen.findByText(/^The clock of nas is 8 seconds behind this computer's. Codes still fit./)).toBeTruthy();
    expect(screen.queryByRole('button', { name: /time/ })).toBeNull();
  });

  test('goes by that of a server once the person says so, and the codes are asked for anew', async () => {
    let now: CodeClock = late;
    const backend = open({ clock: () => now, setClock: (id) => (now = { ...late, level: id ? 'used' : 'warning' }) });
    await digits(/GitHub/);
    const notice = (await screen.findByText(/^The clock of nas is 60 seconds ahead of this computer's: codes may be refused./)).textContent;
    expect(notice).toMatch(/Here .*\d:\d\d.*, there .*\d:\d\d/);
    expect(notice).not.toContain('Last compared');
    await press('Use server time for codes');
    expect(await screen.findByText(/^Codes are made by the clock of nas/)).toBeTruthy();
    const before = backend.called('codes.current').length;
    settings.set({ ...settings.value, clockServer: 'nas', clockAhead: 60 }); // as Go tells
    await waitFor(() => expect(backend.called('codes.current').length).toBe(before + 1));
    await press("Use this computer's time");
    expect(backend.called('codes.setClock')).toEqual([['nas'], ['']]);
  });

  test('says when it was last compared, and what cannot be used is not offered', async () => {
    open({ clock: () => ({ ...late, ahead: -90_000, compared: Date.now() - 3_600_000, usable: false }) });
    expect((await screen.findByText(/^The clock of nas is 25 hours behind/)).textContent).toContain('Last compared');
    expect(screen.queryByRole('button', { name: /time/ })).toBeNull();
  });

  test('says so in Chinese', async () => {
    setLanguage('zh-CN');
    open({ clock: () => ({ ...late, ahead: -120 }) }, { language: 'zh-CN' });
    expect(await screen.findByText(/^“nas”的时钟比本机慢 2 ?分钟，验证码可能会被拒绝。/)).toBeTruthy();
    setLanguage('en');
  });
});

describe('the list', () => {
  test('shows each code in groups, how long it is good for, and how many there are', async () => {
    open();
    expect(await screen.findByText('3 codes for signing in')).toBeTruthy();
    const code = await within(await row(/GitHub/)).findByRole('button', { name: /^Copy the code for .*: \d/ });
    expect([...code.querySelectorAll('.digits > span')].map((s) => s.textContent.length)).toEqual([3, 3]);
    expect(await digits(/Bank/)).toHaveLength(8);
    expect(within(await row(/GitHub/)).getByText(/^Good for \d+ seconds?$/)).toBeTruthy();
    expect(counts.get('codes', '')).toBe(3);
  });

  test('changes to the next code without a call, and asks for what follows at once for all', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12, 0, 20), shouldAdvanceTime: true });
    const backend = open();
    const before = await digits(/GitHub/);
    backend.answer({ codes: { current: () => new Promise(() => undefined) } });
    vi.setSystemTime(Date.UTC(2026, 0, 1, 12, 0, 31));
    vi.advanceTimersByTime(1100);
    await tick();
    expect(Number(await digits(/GitHub/))).toBe(Number(before) + 1);
    expect(backend.called('codes.current')).toEqual([[['c1']]]); // the first came with the list
  });

  test('shows the next code in the last seconds, beside the current one', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12, 0, 21), shouldAdvanceTime: true });
    const backend = open();
    await digits(/GitHub/);
    expect(screen.queryByRole('button', { name: /^Copy the next code for GitHub/ })).toBeNull();
    vi.setSystemTime(Date.UTC(2026, 0, 1, 12, 0, 23));
    vi.advanceTimersByTime(1100);
    await press(/^Copy the next code for GitHub/);
    const now = Math.floor(Date.UTC(2026, 0, 1, 12) / 30_000);
    expect(backend.called('codes.copy')).toEqual([[{ id: 'c1', step: now + 1 }]]);
  });

  test('but not for who does not want it', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12, 0, 25), shouldAdvanceTime: true });
    open({}, { nextCode: false });
    await digits(/GitHub/);
    expect(screen.queryByRole('button', { name: /^Copy the next code for GitHub/ })).toBeNull();
  });

  test('stands still while the window is hidden, and is right at once when it is shown', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12, 0, 10), shouldAdvanceTime: true });
    const backend = open();
    await digits(/GitHub/);
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    const calls = backend.called('codes.current').length;
    vi.setSystemTime(Date.UTC(2026, 0, 1, 12, 5, 10));
    vi.advanceTimersByTime(5000);
    await tick();
    expect(backend.called('codes.current').length).toBe(calls);
    hidden.mockRestore();
    document.dispatchEvent(new Event('visibilitychange'));
    await tick();
    // What was there is not shown any more, and the new one comes.
    const want = String(Math.floor(Date.UTC(2026, 0, 1, 12, 5) / 30_000)).slice(-6);
    await waitFor(async () => expect(await digits(/GitHub/)).toBe(want));
  });

  test('without codes leads to adding some', async () => {
    open({ list: book([]) });
    await press('Add codes');
    expect(flow.now.place).toBe('add');
  });

  test('that cannot be read says why', async () => {
    open({ list: refuse({ code: 'vault_locked' }) });
    expect(await screen.findByRole('alert')).toBeTruthy();
  });

  test('follows what is added elsewhere', async () => {
    const backend = open();
    await row(/GitHub/);
    backend.answer({ codes: { list: book([totp]) } });
    backend.emit('codes', null);
    expect(await screen.findByText('1 code for signing in')).toBeTruthy();
  });
});

describe('copying', () => {
  test('by a click or Enter says so in the row, and clears it on demand', async () => {
    const backend = open();
    await digits(/GitHub/);
    await userEvent.click(within(await row(/GitHub/)).getByText('GitHub'));
    expect(backend.called('codes.copy')).toHaveLength(1);
    expect(await within(await row(/GitHub/)).findByText(/^Copied, clears in \d+ s$/)).toBeTruthy();
    expect(screen.getByText(`The code for ${gitHub} is copied. It is cleared in 30 seconds.`)).toBeTruthy();
    (await row(/GitHub/)).focus();
    await userEvent.keyboard('{Enter}');
    expect(backend.called('codes.copy')).toHaveLength(2);
    await press('Clear now');
    expect(backend.called('shell.clearCopied').length).toBeGreaterThan(0);
    await waitFor(() => expect(screen.queryByText(/^Copied, clears/)).toBeNull());
  });

  test('never hands the code to the page', async () => {
    const backend = open({ list: book(samples.codeEntries) }, { hideCodes: true });
    (await row(/GitHub/)).focus();
    await userEvent.keyboard('{Enter}');
    expect(backend.called('codes.copy')).toEqual([[{ id: 'c1', step: 0 }]]);
    expect(backend.called('codes.current')).toEqual([]);
  });
});

test('a HOTP entry makes a code on demand, which stays and is copied as it is', async () => {
  const backend = open();
  await press('Make a code');
  const code = await screen.findByRole('button', { name: 'Copy the code for Router (admin): 287082' });
  await userEvent.click(code);
  expect(backend.called('shell.copyText')).toEqual([[{ text: '287082', secret: true }]]);
  await press('Make the next code for Router (admin)');
  expect(backend.called('codes.next')).toEqual([['c3'], ['c3']]);
});

test('hidden codes cross only when asked for, and for a while', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12, 0, 1), shouldAdvanceTime: true });
  const backend = open({ list: book(samples.codeEntries) }, { hideCodes: true });
  await press(`Show the code for ${gitHub}`);
  expect(await digits(/GitHub/)).toHaveLength(6);
  expect(backend.called('codes.current')).toEqual([[['c1']]]);
  vi.setSystemTime(Date.UTC(2026, 0, 1, 12, 0, 32));
  vi.advanceTimersByTime(1100);
  expect(await screen.findByRole('button', { name: `Show the code for ${gitHub}` })).toBeTruthy();
});

describe('finding', () => {
  test('by words and by tag', async () => {
    open();
    await row(/GitHub/);
    await userEvent.type(screen.getByLabelText('Search'), 'ann bank');
    expect(await screen.findByText('1 of 3 codes')).toBeTruthy();
    await userEvent.clear(screen.getByLabelText('Search'));
    await userEvent.click(within(screen.getByRole('group', { name: 'Tags' })).getByText('work'));
    expect(await screen.findByText('1 of 3 codes')).toBeTruthy();
    expect(await row(/GitHub/)).toBeTruthy();
    await userEvent.type(screen.getByLabelText('Search'), 'bank');
    await press('Show all');
    expect(await screen.findByText('3 codes for signing in')).toBeTruthy();
  });

  test('Enter in the box copies the first, and the arrow leads to the list', async () => {
    const backend = open();
    await row(/GitHub/);
    await userEvent.type(screen.getByLabelText('Search'), 'bank{Enter}');
    await waitFor(() => expect(backend.called('codes.copy')).toHaveLength(1));
    await userEvent.keyboard('{ArrowDown}');
    await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('row'));
  });

  test('1,000 codes are few rows', async () => {
    open({ list: book(Array.from({ length: 1000 }, (_, n) => ({ ...totp, id: `c${n}`, issuer: `site ${n}` }))) });
    expect(await screen.findByText('1,000 codes for signing in')).toBeTruthy();
    expect(document.querySelectorAll('[role="row"]').length).toBeLessThan(200);
  });
});

describe('changing', () => {
  test('deleting takes the row at once, and undo restores it', async () => {
    const backend = open();
    (await row(/GitHub/)).focus();
    await userEvent.keyboard('{Delete}');
    expect(backend.called('codes.delete')).toEqual([[['c1']]]);
    await waitFor(() => expect(screen.queryByRole('row', { name: /GitHub/ })).toBeNull());
    const toast = toasts.list[0];
    if (toast) toasts.undo(toast);
    await waitFor(() => expect(backend.called('codes.restore')).toEqual([[['c1']]]));
  });

  test('that Go refuses reads the list again and says why', async () => {
    const backend = open({ delete: refuse({ code: 'disk_full' }) });
    await row(/GitHub/);
    await choose(gitHub, 'Delete');
    expect(await screen.findByRole('alert')).toBeTruthy();
    expect(await row(/GitHub/)).toBeTruthy();
    expect(backend.called('codes.list').length).toBeGreaterThan(1);
    expect(toasts.list).toHaveLength(0);
  });

  test('moving by keys and menu stays among those that are as pinned', async () => {
    const backend = open({ list: book([{ ...totp, pinned: true }, ...samples.codeEntries.slice(1)]) });
    (await row(/Bank/)).focus();
    await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}'); // the pinned one above stays there
    expect(backend.called('codes.move')).toEqual([]);
    await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(backend.called('codes.move')).toEqual([[{ id: 'c2', to: 1 }]]);
    const names = () => screen.getAllByRole('row').slice(1).map((r) => r.querySelector('.name')?.textContent);
    await waitFor(() => expect(names()).toEqual(['GitHub', 'Router', 'Bank']));
    await waitFor(() => expect(document.activeElement?.querySelector('.name')?.textContent).toBe('Bank'));
    await choose('Bank (ann)', /^Move up/);
    expect(backend.called('codes.move')[1]).toEqual([{ id: 'c2', to: 0 }]);
  });

  test('pinning keeps everything else', async () => {
    const backend = open();
    await row(/GitHub/);
    await choose(gitHub, 'Pin to the top');
    const [[edit] = []] = backend.called('codes.edit');
    expect(edit).toMatchObject({ id: 'c1', issuer: 'GitHub', account: 'ann@example.org', tags: ['work'], pinned: true });
  });

  test('editing sends tags as a list, and shows a refusal at its field', async () => {
    const backend = open({ edit: refuse({ code: 'otp_name_missing', field: 'issuer' }) });
    await row(/GitHub/);
    await choose(gitHub, 'Edit');
    const sheet = within(await screen.findByRole('dialog'));
    await userEvent.type(sheet.getByLabelText(/^Tags/), ', 家');
    await userEvent.click(sheet.getByRole('button', { name: 'Save' }));
    expect(backend.called('codes.edit')).toMatchObject([[{ tags: ['work', '家'] }]]);
    await waitFor(() => expect(sheet.getByLabelText(/^Service/).getAttribute('aria-invalid')).toBe('true'));
  });

  test('linking names the account, and can be ended', async () => {
    const backend = open({ list: book([{ ...totp, server: 'nas', username: 'bob' }]) });
    await row(/GitHub/);
    await choose(gitHub, 'Link to a server');
    const sheet = within(await screen.findByRole('dialog'));
    await userEvent.type(sheet.getByLabelText(/^User name/), 'by');
    await userEvent.click(sheet.getByRole('button', { name: 'Link' }));
    expect(backend.called('codes.link')).toEqual([[{ id: 'c1', server: 'nas', username: 'bobby' }]]);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });
});

test('the QR code is there after a press only', async () => {
  const backend = open();
  await row(/GitHub/);
  await choose(gitHub, 'Show the QR code');
  const sheet = within(await screen.findByRole('dialog'));
  expect(sheet.getByText(/Whoever photographs this/)).toBeTruthy();
  expect(backend.called('codes.reveal')).toEqual([]);
  await userEvent.click(sheet.getByRole('button', { name: 'Show the QR code now' }));
  expect(await sheet.findByRole('img', { name: `QR code for ${gitHub}` })).toBeTruthy();
  expect(sheet.getByText('JBSW Y3DP EHPK 3PXP')).toBeTruthy();
});

describe('after adding', () => {
  test('the whole of it can be taken back', () => {
    const backend = open();
    added(['a', 'b', 'c']);
    expect(toasts.list[0]?.text).toBe('3 codes added');
    const toast = toasts.list[0];
    if (toast) toasts.undo(toast);
    expect(backend.called('codes.undoAdd')).toHaveLength(1);
  });

  test('what was added before that goes to the trash', () => {
    const backend = open();
    added(['a']);
    added(['b']);
    const toast = toasts.list[0];
    if (toast) toasts.undo(toast);
    expect([backend.called('codes.undoAdd'), backend.called('codes.delete')]).toEqual([[], [[['a']]]]);
  });

  test('of nothing nothing is said', () => {
    open();
    added([]);
    expect(toasts.list).toHaveLength(0);
  });
});

describe('the trash', () => {
  const day = 86_400_000;
  const thrown = () => [{ ...totp, goneAt: Date.now() + 29.5 * day }];

  test('restores, and says how long there is', async () => {
    const backend = open({ trash: thrown, list: book([], 1) });
    await press('More about codes');
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Trash (1)' }));
    expect(await screen.findByText('30 days')).toBeTruthy();
    await press(`Restore ${gitHub}`);
    expect(backend.called('codes.restore')).toEqual([[['c1']]]);
    expect(await screen.findByText('The trash is empty')).toBeTruthy();
  });

  test('deletes for good after the name was typed', async () => {
    const backend = open({ trash: thrown });
    flow.go({ place: 'trash' });
    await press(`Delete ${gitHub} for good`);
    const sheet = within(await screen.findByRole('dialog'));
    expect(sheet.getByRole<HTMLButtonElement>('button', { name: 'Delete for good' }).disabled).toBe(true);
    await userEvent.type(sheet.getByRole('textbox'), `${gitHub}{Enter}`);
    expect(backend.called('codes.destroy')).toEqual([[['c1']]]);
    expect(await screen.findByText('The trash is empty')).toBeTruthy();
  });
});

test('speaks Chinese', async () => {
  open();
  await row(/GitHub/);
  setLanguage('zh-CN');
  await tick();
  expect(screen.getByText('3 个登录验证码')).toBeTruthy();
});
