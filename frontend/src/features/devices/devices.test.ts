import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Device, Server } from '$lib/backend';
import { fakeBackend, never, type Overrides, problemOf, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { setLanguage } from '$lib/i18n';
import { counts, servers, signIn, toasts } from '$lib/state';
import { matching, nameOf, people, twins } from './device';
import Root from './Devices.svelte';

function open(overrides: Overrides = {}, server: Server = samples.server) {
  const backend = fakeBackend(overrides);
  servers.begin([server], server.id);
  render(Root);
  return backend;
}
const many = (n: number): Device[] =>
  Array.from({ length: n }, (_, i) => ({ ...samples.device, id: `d${i}`, userID: i % 7, username: `user${i % 7}`, name: `Firefox ${i}`, current: i === 0 }));
const row = (name: string | RegExp) => screen.findByRole('row', { name });
const rows = () => screen.getAllByRole('row').slice(1);

afterEach(() => {
  vi.useRealTimers();
  signIn.close();
  toasts.settle();
});

test('the first line counts, and this device is marked and first', async () => {
  open();
  expect(await screen.findByRole('heading', { name: '3 devices can use your account' })).toBeTruthy();
  expect(within(rows()[0] as HTMLElement).getByText('This device')).toBeTruthy();
  expect(counts.get('devices', 'own')).toBe(3);
  setLanguage('zh-CN');
  expect(await screen.findByRole('heading', { name: '3 台设备可以使用您的账号' })).toBeTruthy();
  expect(await screen.findByText('本设备')).toBeTruthy();
});

test('another language asks for the names again', async () => {
  const backend = open();
  await row(/rclone/);
  setLanguage('zh-CN');
  await waitFor(() => expect(backend.called('devices.list')).toHaveLength(2));
});

test('alone', async () => {
  open({ devices: { list: () => ({ devices: [samples.device], asOf: samples.noon }) } });
  expect(await screen.findByRole('heading', { name: 'Only this device can use your account' })).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'End all others' })).toBeNull();
});

describe('ending a device', () => {
  test('is done at once; its row says so and goes, and the neighbour has the focus', async () => {
    const backend = open();
    await userEvent.click(await screen.findByRole('button', { name: 'End Safari on iPhone' }));
    expect(backend.called('devices.end')).toEqual([[{ id: 'own', device: 'd2' }]]);
    expect(await within(await row(/Safari/)).findByText('Signed out')).toBeTruthy();
    expect(screen.getByText('Safari on iPhone was signed out.').getAttribute('role')).toBe('status');
    expect(screen.getByRole('heading', { name: '2 devices can use your account' })).toBeTruthy();
    // Nothing comes under the pointer until it leaves.
    await new Promise((done) => setTimeout(done, 2700));
    expect(screen.getByRole('row', { name: /Safari/ })).toBeTruthy();
    await userEvent.hover(screen.getByRole('heading', { level: 1 }));
    await fireEvent.pointerLeave(screen.getByRole('grid').parentElement as HTMLElement);
    await waitFor(() => expect(screen.queryByRole('row', { name: /Safari/ })).toBeNull(), { timeout: 4000 });
    await waitFor(() => expect(document.activeElement).toBe(rows()[1]));
    expect(counts.get('devices', 'own')).toBe(2);
  });

  test('by the keyboard', async () => {
    const backend = open();
    (await row(/This device/)).focus();
    for (const n of [1, 2]) {
      await userEvent.keyboard('{ArrowDown}');
      await waitFor(() => expect(document.activeElement).toBe(rows()[n]));
    }
    await userEvent.keyboard('{Delete}');
    expect(backend.called('devices.end')).toEqual([[{ id: 'own', device: 'd3' }]]);
  });

  test('twice is once', async () => {
    const backend = open({ devices: { end: never } });
    (await row(/rclone/)).focus();
    await userEvent.keyboard('{Delete}{Delete}');
    expect(backend.called('devices.end')).toHaveLength(1);
  });

  test('that is gone already is no failure', async () => {
    open({ devices: { end: refuse({ code: 'session_not_found' }) } });
    await userEvent.click(await screen.findByRole('button', { name: 'End rclone' }));
    expect(await screen.findByText('Signed out')).toBeTruthy();
  });

  test('that fails is told, and the row stays', async () => {
    open({ devices: { end: refuse({ code: 'server_unreachable' }) } });
    await userEvent.click(await screen.findByRole('button', { name: 'End rclone' }));
    expect(await screen.findByText('rclone was not signed out')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'End rclone' })).toBeTruthy();
  });

  test('when this device was signed out elsewhere opens the sign-in sheet over the list', async () => {
    open({ devices: { end: refuse({ code: 'session_ended' }) } });
    await userEvent.click(await screen.findByRole('button', { name: 'End rclone' }));
    await waitFor(() => expect(signIn.server).toBe('own'));
    expect(await row(/rclone/)).toBeTruthy();
  });
});

describe('this device', () => {
  test('is signed out only after a question in other words', async () => {
    const backend = open();
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out here' }));
    const dialog = await screen.findByRole('dialog', { name: 'Sign out on this computer?' });
    expect(backend.called('signIn.signOut')).toEqual([]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Sign out here' }));
    expect(backend.called('signIn.signOut')).toEqual([['own']]);
    expect(backend.called('devices.end')).toEqual([]);
  });

  test('that is signed out shows the way back, and no sheet by itself', async () => {
    const backend = open();
    servers.listen();
    await row(/rclone/);
    backend.emit('servers', [{ ...samples.server, state: 'signed_out', me: null }]);
    await userEvent.click(await screen.findByRole('button', { name: 'Sign in' }));
    expect(signIn.server).toBe('own');
  });
});

describe('a connection over SFTP', () => {
  const list = { devices: [...samples.devices, samples.connection], asOf: samples.noon };
  const withOne = (overrides: Overrides = {}) => open({ devices: { list: () => list, ...overrides.devices } });

  test('says how it was opened, and is no device', async () => {
    withOne();
    expect(await screen.findByRole('heading', { name: '3 devices can use your account' })).toBeTruthy();
    expect(counts.get('devices', 'own')).toBe(3);
    expect(screen.getByText(/^1 SFTP connection is open\./)).toBeTruthy();
    expect(within(await row(/OpenSSH/)).getByText('SFTP connection with the key laptop')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Details of OpenSSH 9.9' }));
    const dialog = await screen.findByRole('dialog', { name: 'OpenSSH 9.9' });
    expect(within(dialog).getByText('the key laptop')).toBeTruthy();
    setLanguage('zh-CN');
    expect(await screen.findByText('SFTP 连接，使用密钥“laptop”')).toBeTruthy();
  });

  test('is closed after a question', async () => {
    const backend = withOne();
    await userEvent.click(await screen.findByRole('button', { name: 'Close the connection of OpenSSH 9.9' }));
    expect(backend.called('devices.end')).toEqual([]);
    const dialog = await screen.findByRole('dialog', { name: 'Close this SFTP connection?' });
    expect(within(dialog).getByText(/The key laptop can connect again until you delete it/)).toBeTruthy();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Close the connection' }));
    expect(backend.called('devices.end')).toEqual([[{ id: 'own', device: 'd9' }]]);
    expect(await within(await row(/OpenSSH/)).findByText('Closed')).toBeTruthy();
    expect(screen.getByText('The connection of OpenSSH 9.9 was closed.').getAttribute('role')).toBe('status');
  });

  test('says why it was not', async () => {
    withOne({ devices: { end: refuse({ code: 'server_unreachable' }) } });
    await userEvent.click(await screen.findByRole('button', { name: 'Close the connection of OpenSSH 9.9' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Close the connection' }));
    expect(await screen.findByText('The connection of OpenSSH 9.9 was not closed')).toBeTruthy();
  });

  test('is ended with all others', async () => {
    withOne();
    await userEvent.click(await screen.findByRole('button', { name: 'End all others' }));
    await screen.findByRole('dialog', { name: 'End all devices but this one, and all SFTP connections?' });
    await userEvent.click(screen.getByRole('button', { name: 'End them all' }));
    await waitFor(() => expect(toasts.list.map((t) => t.text)).toEqual(['All others were ended.']));
  });
});

describe('ending all others', () => {
  test('asks with their number', async () => {
    const backend = open();
    await userEvent.click(await screen.findByRole('button', { name: 'End all others' }));
    const dialog = await screen.findByRole('dialog', { name: 'End 2 other devices?' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'End 2 devices' }));
    expect(backend.called('devices.endOthers')).toEqual([['own']]);
    await waitFor(() => expect(toasts.list.map((t) => t.text)).toEqual(['2 devices were signed out.']));
    expect(backend.called('devices.list')).toHaveLength(2);
  });

  test('says in the dialog why it failed', async () => {
    open({ devices: { endOthers: refuse({ code: 'device_unknown' }) } });
    await userEvent.click(await screen.findByRole('button', { name: 'End all others' }));
    await userEvent.click(await screen.findByRole('button', { name: 'End 2 devices' }));
    expect(await within(screen.getByRole('dialog')).findByRole('alert')).toBeTruthy();
  });
});

describe("everyone's", () => {
  test('is for administrators', async () => {
    open({}, { ...samples.server, me: { ...(samples.server.me as NonNullable<Server['me']>), admin: false } });
    await row(/rclone/);
    expect(screen.queryByRole('switch')).toBeNull();
  });

  test('5,000 are few rows, and a filter finds among them', { timeout: 30_000 }, async () => {
    const all = many(5000);
    const backend = open({ devices: { listAll: () => ({ devices: all, asOf: samples.noon }) } });
    await userEvent.click(await screen.findByRole('switch', { name: "Everyone's devices" }));
    expect(await screen.findByText('5,000 devices of 7 people are signed in')).toBeTruthy();
    expect(document.querySelectorAll('[role="row"]').length).toBeLessThan(200);
    await userEvent.click(screen.getByLabelText('Filter'));
    await userEvent.paste('user3 4999');
    expect(await screen.findByText('No device fits')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Clear the filter' }));
    await userEvent.click(screen.getByLabelText('Filter'));
    await userEvent.paste('FIREFOX 4999');
    expect(await screen.findByText('1 of 5,000 devices')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'End Firefox 4999' }));
    expect(backend.called('devices.endAny')).toEqual([[{ id: 'own', device: 'd4999' }]]);
  });
});

test('a row opens its details', async () => {
  open();
  (await row(/Safari/)).focus();
  await userEvent.keyboard('{Enter}');
  const dialog = await screen.findByRole('dialog', { name: 'Safari on iPhone' });
  expect(within(dialog).getByText('Phone or tablet')).toBeTruthy();
  expect(within(dialog).getByText('192.*.*.24')).toBeTruthy();
});

test('hostile names are text', async () => {
  const agent = '<img src=x onerror=alert(1)>';
  open({ devices: { list: () => ({ devices: [{ ...samples.device, name: '', agent, kind: 'unknown' }], asOf: samples.noon }) } });
  expect(await screen.findByText(agent)).toBeTruthy();
  expect(document.querySelector('img')).toBeNull();
});

test('without the server the last list stays, with its time, and nothing can be ended', async () => {
  const backend = open();
  servers.listen();
  await row(/rclone/);
  const problem = problemOf('server_unreachable');
  backend.emit('servers', [{ ...samples.server, state: 'offline', problem }]);
  expect(await screen.findByText(/^This is the list as of/)).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'End rclone' }).disabled).toBe(true);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'End all others' }).disabled).toBe(true);
  backend.answer({ devices: { list: refuse({ code: 'server_unreachable' }) } });
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await row(/rclone/)).toBeTruthy();
});

test('the last list is there again after another screen', async () => {
  const { unmount } = (fakeBackend(), servers.begin([samples.server], 'own'), render(Root));
  await row(/rclone/);
  unmount();
  open({ devices: { list: refuse({ code: 'server_unreachable' }) } });
  expect(await screen.findByText(/^This is the list as of/)).toBeTruthy();
  expect(await row(/rclone/)).toBeTruthy();
});

test('a server without a list says so', async () => {
  const backend = open({}, { ...samples.nas, kind: 'OpenList', state: 'signed_in', can: { ...samples.nas.can, devices: false } });
  expect(await screen.findByText('nas.local does not tell which devices are signed in')).toBeTruthy();
  expect(backend.called('devices.list')).toEqual([]);
  setLanguage('zh-CN');
  await tick();
  expect(screen.getByText('“nas.local”不提供已登录设备的列表')).toBeTruthy();
});

test('without a server there is the way to one', async () => {
  fakeBackend();
  servers.begin([], '');
  render(Root);
  expect(await screen.findByRole('button', { name: 'Add a server' })).toBeTruthy();
});

test('words for devices', () => {
  expect(nameOf({ ...samples.device, name: '', agent: '' })).toBe('Unknown program');
  expect([...twins([samples.device, { ...samples.device, id: 'x' }, { ...samples.device, id: 'y', address: 'z' }])]).toEqual([samples.device.id, 'x']);
  expect(people(many(20))).toBe(7);
  expect(matching(many(5), '  ')).toHaveLength(5);
});
