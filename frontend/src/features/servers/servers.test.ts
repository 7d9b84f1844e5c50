import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { fakeBackend, problemOf, refuse } from '$lib/backend/fake';
import { nas, noon, own as ownSample, server } from '$lib/backend/samples';
import type { Certificate, Server } from '$lib/backend';
import { setLanguage } from '$lib/i18n';
import { own, servers, signIn, toasts, view } from '$lib/state';
import ConnectServer from './ConnectServer.svelte';
import OwnServer from './OwnServer.svelte';
import Root from './Servers.svelte';
import ServerSwitcher from './ServerSwitcher.svelte';
import SwitcherStrip from './SwitcherStrip.svelte';
import { place } from './place.svelte';
import { parsePort } from './ports';
import { pairs, standing } from './status';
import TrustSheet from './TrustSheet.svelte';
import { trust } from './trust.svelte';

const first = '9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0:0A:08';
const second = first.replace(/08$/, '99');
const certificate: Certificate = {
  fingerprint: second, names: ['nas.local'], issuer: 'nas.local', notBefore: noon, notAfter: noon + 1e9, doubt: 'unknown_issuer',
};
const offline: Server = {
  ...nas, state: 'offline', since: noon, problem: problemOf('server_unreachable'),
};

function begin(list: Server[], current: string) {
  servers.begin(list, current);
  own.set(ownSample);
}

beforeEach(() => {
  trust.close();
  for (const toast of [...toasts.list]) toasts.undo(toast);
  begin([server, nas], 'own');
});

describe('how a server stands', () => {
  const at = (change: Partial<Server>) => standing({ ...nas, ...change }, ownSample, noon);
  test.each([
    [{ state: 'signed_in' }, 'good', 'Signed in', '已登录'],
    [{ state: 'signed_out' }, 'off', 'Signed out', '未登录'],
    [{ state: 'certificate_changed' }, 'bad', 'Certificate changed', '证书已变更'],
    [{ state: 'certificate_untrusted' }, 'warning', 'Certificate not accepted', '证书未经确认'],
    [{ state: 'signed_in', checked: false }, 'busy', 'Looking', '正在查看'],
    [{ own: true, state: 'signed_in' }, 'good', 'Running', '运行中'],
  ] as [Partial<Server>, string, string, string][])('%o', (change, mark, en, zh) => {
    expect(at(change)).toEqual({ mark, word: en });
    setLanguage('zh-CN');
    expect(at(change)).toEqual({ mark, word: zh });
  });
  test('offline says since when', () => {
    expect(at({ state: 'offline', since: noon }).word).toMatch(/^Offline since .*\d/);
    expect(at({ state: 'offline', since: noon - 3 * 86_400_000 }).word).toContain('2026');
  });
});

test.each([['1', 1], ['65535', 65535], [' 22 ', 22], ['0', undefined], ['65536', undefined], ['22x', undefined], ['', undefined], ['-1', undefined]])(
  'the port %o',
  (typed, want) => {
    expect(parsePort(typed)).toBe(want);
  },
);

test('a fingerprint is read however it is written', () => {
  expect(pairs(first.toLowerCase().replaceAll(':', ''))).toEqual(first.split(':'));
});

describe('the switcher', () => {
  test('tries again at once, and says what came of it', async () => {
    begin([offline], 'nas');
    const backend = fakeBackend({ servers: { check: () => ({ ...nas, state: 'signed_in' }) } });
    render(ServerSwitcher);
    const strip = render(SwitcherStrip, { server: offline });
    expect(screen.getByText(/^Offline since/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Try now' }));
    await screen.findByText('Signed in');
    expect(backend.called('servers.check')).toEqual([['nas']]);
    await strip.rerender({ server: { ...nas, state: 'signed_in' } });
    expect(screen.queryByRole('button', { name: 'Try now' })).toBeNull();
  });
  test('leads to a new server where there is none', async () => {
    begin([], '');
    fakeBackend();
    render(ServerSwitcher);
    await userEvent.click(screen.getByRole('button', { name: /Add a server/ }));
    expect(place.now).toEqual({ name: 'add' });
  });
});

describe('adding a server', () => {
  const connect = () => {
    const added: Server[] = [];
    render(ConnectServer, { oncancel: () => undefined, onadded: (s: Server) => added.push(s) });
    return added;
  };
  test('accepts a certificate explicitly, before anything is added', async () => {
    const backend = fakeBackend({ servers: { find: () => ({
      address: 'https://nas.local', kind: 'Latchkey', version: '1', title: '', name: 'nas', username: 'ann', plain: false, triedTLS: true, certificate,
    }) } });
    const added = connect();
    await userEvent.type(screen.getByLabelText('Address'), 'nas.local{Enter}');
    await screen.findByText('Is this your server?');
    expect(screen.getByText(second)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'They are the same: accept' }));
    const name = screen.getByLabelText('Name');
    expect(document.activeElement).toBe(name);
    await userEvent.clear(name);
    await userEvent.type(name, 'Home{Enter}');
    await waitFor(() => expect(added).toHaveLength(1));
    expect(backend.called('servers.add')).toEqual([[{ address: 'https://nas.local', name: 'Home', fingerprint: second, username: 'ann' }]]);
  });
  test('says at the field what is wrong with the address, and keeps it', async () => {
    fakeBackend({ servers: { find: refuse({ code: 'address_invalid', field: 'address' }) } });
    connect();
    const address = screen.getByLabelText('Address');
    await userEvent.type(address, 'no where{Enter}');
    await waitFor(() => expect(address.getAttribute('aria-invalid')).toBe('true'));
    expect(document.activeElement).toBe(address);
    expect((address as HTMLInputElement).value).toBe('no where');
  });
  test('warns of plain HTTP', async () => {
    setLanguage('zh-CN');
    fakeBackend({ servers: { find: () => ({
      address: 'http://nas.local', kind: 'AList', version: '', title: '', name: 'nas', username: '', plain: true, triedTLS: true, certificate: null,
    }) } });
    connect();
    await userEvent.type(screen.getByLabelText('地址'), 'nas.local{Enter}');
    await screen.findByText(/未加密/);
  });
  test('offers the address to which a server has moved', async () => {
    const backend = fakeBackend({ servers: { find: refuse({ code: 'server_moved', details: 'server_moved\nhttps://nas.example' }) } });
    connect();
    await userEvent.type(screen.getByLabelText('Address'), 'nas.local{Enter}');
    await userEvent.click(await screen.findByRole('button', { name: 'Try https://nas.example' }));
    expect(backend.called('servers.find').at(-1)).toEqual(['https://nas.example']);
  });
});

test('a new server is asked for in the address field, and leads to its devices', async () => {
  place.go({ name: 'list' });
  fakeBackend({ servers: {
    find: () => ({ address: 'https://x', kind: 'Latchkey', version: '1', title: '', name: 'x', username: '', plain: false, triedTLS: true, certificate: null }),
    add: () => ({ ...nas, id: 'x', state: 'signed_out' }),
  } });
  render(Root);
  place.go({ name: 'add' });
  const address = await screen.findByLabelText('Address');
  await waitFor(() => expect(document.activeElement).toBe(address));
  address.blur();
  place.go({ name: 'add' });
  await waitFor(() => expect(document.activeElement).toBe(address));
  await userEvent.type(address, 'x{Enter}');
  await userEvent.click(await screen.findByRole('button', { name: 'Add' }));
  await waitFor(() => expect(signIn.server).toBe('x'));
  servers.put({ ...nas, id: 'x', state: 'signed_in' });
  signIn.close();
  await waitFor(() => expect(view.name).toBe('devices'));
});

test('a changed certificate is shown beside the old one, and replaced by one press', async () => {
  begin([{ ...nas, pin: first, state: 'certificate_changed' }], 'nas');
  const backend = fakeBackend({ servers: { inspect: () => certificate, replace: () => ({ ...nas, pin: second }) } });
  render(TrustSheet);
  const sheet = within(await screen.findByRole('dialog'));
  await sheet.findByText('Accepted before');
  expect([sheet.getByText(first), sheet.getByText(second)]).toHaveLength(2);
  await userEvent.click(sheet.getByRole('button', { name: 'Replace the accepted one' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(backend.called('servers.replace')).toEqual([[{ id: 'nas', accepted: first, shown: second }]]);
});

test('forgetting can be undone, and is done when nobody does', async () => {
  const backend = fakeBackend();
  place.go({ name: 'server', id: 'nas' });
  render(Root);
  await userEvent.click(screen.getByRole('button', { name: 'Forget' }));
  expect(screen.queryByText('nas.local')).toBeNull();
  const [toast] = toasts.list;
  expect(backend.called('servers.forget')).toEqual([]);
  if (toast) toasts.undo(toast);
  await screen.findByText('nas.local');
  place.go({ name: 'server', id: 'nas' });
  await userEvent.click(await screen.findByRole('button', { name: 'Forget' }));
  toasts.settle();
  await waitFor(() => expect(backend.called('servers.forget')).toEqual([['nas']]));
  await waitFor(() => expect(servers.list.map((s) => s.id)).toEqual(['own']));
});

describe('the own server', () => {
  test('stops only after a question', async () => {
    const backend = fakeBackend({ own: { stop: () => ({ ...ownSample, state: 'stopped' }) } });
    render(OwnServer, { server });
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Stop your server?' }));
    expect(backend.called('own.stop')).toEqual([]);
    await userEvent.click(dialog.getByRole('button', { name: 'Stop the server' }));
    await waitFor(() => expect(backend.called('own.stop')).toHaveLength(1));
  });
  test('changes its port, and says at the field if that is taken', async () => {
    const backend = fakeBackend({ own: { configure: refuse({ code: 'port_taken', field: 'http' }) } });
    render(OwnServer, { server });
    const field = screen.getByLabelText('HTTP port');
    await userEvent.clear(field);
    await userEvent.type(field, '6000');
    await userEvent.click(screen.getByRole('button', { name: 'Apply' }));
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    expect(backend.called('own.configure')).toEqual([[{ lan: false, httpPort: 6000, sftpPort: 5222 }]]);
    await userEvent.click(screen.getByRole('button', { name: 'Use port 6001' }));
    expect((field as HTMLInputElement).value).toBe('6001');
  });
  test('offers another port where it could not start', async () => {
    const problem = problemOf('port_taken', { field: 'http' });
    const failed = { ...ownSample, state: 'failed' as const, problem };
    own.set(failed);
    const backend = fakeBackend({ own: { status: () => failed } });
    render(OwnServer, { server });
    await userEvent.click(screen.getByRole('button', { name: 'Use port 5245' }));
    expect(backend.called('own.configure')).toEqual([[{ ...ownSample.settings, httpPort: 5245 }]]);
  });
  test('does not let settings be changed that something else decides', () => {
    own.set({ ...ownSample, pinned: { ...ownSample.pinned, lan: 'LATCHKEY_LAN' } });
    fakeBackend();
    render(OwnServer, { server });
    expect(screen.getByText(/Set by LATCHKEY_LAN/)).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>(/My network too/).disabled).toBe(true);
  });
  test('filters its log', async () => {
    fakeBackend({ own: { log: () => [
      { at: noon, level: 'info', text: 'listening' },
      { at: noon, level: 'error', text: 'disk full <b>' },
    ] } });
    render(OwnServer, { server });
    await userEvent.type(await screen.findByLabelText('Filter'), 'ERROR disk');
    await waitFor(() => expect(screen.queryByText('listening')).toBeNull());
    expect(screen.getByText('disk full <b>')).toBeTruthy();
  });
  test('served by another program has nothing to set here', () => {
    own.set({ ...ownSample, state: 'elsewhere' });
    setLanguage('zh-CN');
    fakeBackend({ own: { status: () => ({ ...ownSample, state: 'elsewhere' }) } });
    render(OwnServer, { server });
    expect(screen.getByText('您的服务器由另一个程序运行')).toBeTruthy();
    expect(screen.queryByText('谁可以访问')).toBeNull();
  });
});
