import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, test } from 'vitest';
import type { FileEntry, Server } from '$lib/backend';
import { fakeBackend, type Overrides, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { setLanguage } from '$lib/i18n';
import { runCommand } from '$lib/shortcuts.svelte';
import { servers, signIn, toasts } from '$lib/state';
import Root from './Files.svelte';
import { bytes, sorted, standing } from './files';
import { place } from './place.svelte';

function open(overrides: Overrides = {}, server: Server = samples.server) {
  const backend = fakeBackend(overrides);
  servers.begin([server], server.id);
  render(Root);
  return backend;
}
const nas: Server = { ...samples.nas, state: 'signed_in', me: samples.server.me };
const row = (name: string | RegExp) => screen.findByRole('row', { name });
const rows = () => screen.getAllByRole('row').slice(1);
const said = () => toasts.list.map((t) => t.text);

afterEach(() => {
  signIn.close();
  toasts.settle();
  place.go('own', '/');
  place.go('nas', '/');
  place.showTrash(false);
});

test.each([
  [0, '0 bytes', '0 字节'],
  [13, '13 bytes', '13 字节'],
  [999, '999 bytes', '999 字节'],
  [1000, '1 kB', '1 kB'],
  [1_234_567, '1.2 MB', '1.2 MB'],
  [50_000_000_000, '50 GB', '50 GB'],
])('%d bytes in words', (n, en, zh) => {
  expect(bytes(n)).toBe(en);
  setLanguage('zh-CN');
  expect(bytes(n)).toBe(zh);
});

test('folders come first in every order', () => {
  const file = (name: string, size: number, modified: number, folder = false): FileEntry => ({ name, path: name, folder, size, modified });
  const all = [file('b10', 1, 3), file('b2', 3, 2), file('z', 0, 1, true), file('a', 2, 1)];
  const names = (by: string, down: boolean) => sorted(all, { by, down }).map((e) => e.name);
  expect(names('name', false)).toEqual(['z', 'a', 'b2', 'b10']);
  expect(names('name', true)).toEqual(['z', 'b10', 'b2', 'a']);
  expect(names('size', true)).toEqual(['z', 'b2', 'a', 'b10']);
  expect(names('changed', false)).toEqual(['z', 'a', 'b2', 'b10']);
});

test('the first lines say whose files they are and how much room they take', async () => {
  open();
  expect(await screen.findByRole('heading', { name: 'Your files on This computer' })).toBeTruthy();
  expect(await screen.findByText('2.1 GB of 50 GB used')).toBeTruthy();
  expect(rows().map((r) => within(r).getAllByRole('button')[0]?.textContent.trim())).toEqual(['pictures', 'notes.txt', 'report.pdf']);
  setLanguage('zh-CN');
  expect(await screen.findByRole('heading', { name: '您在“This computer”上的文件' })).toBeTruthy();
});

test('a server that tells no figures is not asked for them', async () => {
  const backend = open({}, nas);
  await row(/notes/);
  expect(backend.called('files.usage')).toEqual([]);
  expect(screen.queryByText(/used/)).toBeNull();
});

describe('a folder that has a password', () => {
  const shut = refuse({ code: 'remote_folder_password_needed' });

  test('asks for it in its place, says that it is wrong, and opens', async () => {
    const backend = open({ files: { list: shut, openFolder: refuse({ code: 'remote_folder_password_wrong' }) } });
    expect(await screen.findByText('This folder has a password')).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
    const field = screen.getByLabelText<HTMLInputElement>('Password of the folder');
    await waitFor(() => expect(document.activeElement).toBe(field));
    expect(field.type).toBe('password');
    await userEvent.type(field, 'close sesame{Enter}');
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    expect(screen.getByText(/not the password of this folder/)).toBeTruthy();
    backend.answer({ files: { list: () => samples.folderAt('/'), openFolder: () => undefined } });
    await userEvent.clear(field);
    await userEvent.type(field, 'open sesame{Enter}');
    expect(await row(/notes/)).toBeTruthy();
    expect(backend.called('files.openFolder').at(-1)).toEqual([{ id: 'own', path: '/', password: 'open sesame' }]);
    expect(screen.queryByLabelText('Password of the folder')).toBeNull();
  });

  test('is not opened by nothing', async () => {
    const backend = open({ files: { list: shut } });
    await userEvent.click(await screen.findByRole('button', { name: 'Open the folder' }));
    expect(backend.called('files.openFolder')).toEqual([]);
  });
});

describe('by the keyboard', () => {
  test('Enter opens, Backspace goes up to where one was', async () => {
    const backend = open();
    (await row(/pictures/)).focus();
    await userEvent.keyboard('{Enter}');
    expect(await screen.findByRole('heading', { name: 'pictures' })).toBeTruthy();
    expect(backend.called('files.list').at(-1)).toEqual([{ id: 'own', path: '/pictures' }]);
    await waitFor(() => expect(document.activeElement).toBe(rows()[0]));
    expect(runCommand('files-up')).toBe(true);
    await screen.findByRole('heading', { name: 'Your files on This computer' });
    await waitFor(() => expect(document.activeElement).toBe(rows()[0]));
    (await row(/notes/)).focus();
    await userEvent.keyboard('{Enter}');
    expect(backend.called('files.downloadFile')).toEqual([[{ id: 'own', path: '/notes.txt' }]]);
  });

  test('F2 gives another name', async () => {
    const backend = open({ files: { rename: refuse({ code: 'remote_file_exists' }) } });
    (await row(/notes/)).focus();
    await userEvent.keyboard('{F2}');
    const dialog = await screen.findByRole('dialog', { name: 'Rename notes.txt' });
    const field = within(dialog).getByLabelText<HTMLInputElement>('Name');
    expect(field.value).toBe('notes.txt');
    await userEvent.clear(field);
    await userEvent.type(field, 'report.pdf{Enter}');
    expect(backend.called('files.rename')).toEqual([[{ id: 'own', path: '/notes.txt', name: 'report.pdf' }]]);
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    backend.answer({ files: { rename: () => '/other.txt' } });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Rename' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  test('Space selects, and an action is for all that is selected', async () => {
    const backend = open();
    (await row(/notes/)).focus();
    await userEvent.keyboard(' {ArrowDown} ');
    expect(await screen.findByText('2 items selected')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Download' }));
    expect(backend.called('files.download')).toEqual([[{ id: 'own', paths: ['/notes.txt', '/report.pdf'] }]]);
    (await row(/notes/)).focus();
    await userEvent.keyboard('{Delete}');
    await waitFor(() => expect(backend.called('files.trash')).toEqual([[{ id: 'own', paths: ['/notes.txt', '/report.pdf'] }]]));
    expect(said()).toEqual(['2 items are in the trash for 30 days.']);
  });

  test('a new folder', async () => {
    const backend = open();
    await row(/notes/);
    runCommand('add');
    const dialog = await screen.findByRole('dialog', { name: 'New folder' });
    await userEvent.type(within(dialog).getByLabelText('Name'), 'music{Enter}');
    expect(backend.called('files.makeFolder')).toEqual([[{ id: 'own', path: '/', name: 'music' }]]);
  });
});

test('the titles of columns put the rows in order', async () => {
  open();
  await row(/notes/);
  const size = screen.getByRole('columnheader', { name: /Size/ });
  await userEvent.click(within(size).getByRole('button'));
  expect(size.getAttribute('aria-sort')).toBe('descending');
  expect(rows()[1]?.textContent).toContain('report.pdf');
  await userEvent.click(within(size).getByRole('button'));
  expect(size.getAttribute('aria-sort')).toBe('ascending');
  expect(rows()[1]?.textContent).toContain('notes.txt');
});

describe('deleting', () => {
  const choose = async (name: string) => {
    await userEvent.click(await screen.findByRole('button', { name: `Actions for ${name}` }));
    await userEvent.click(await screen.findByRole('menuitem', { name: /Delete/ }));
  };

  test('goes to the trash, and is undone from there', async () => {
    const backend = open();
    await choose('notes.txt');
    await waitFor(() => expect(said()).toEqual(['notes.txt is in the trash for 30 days.']));
    const [toast] = toasts.list;
    if (toast) toasts.undo(toast);
    await waitFor(() => expect(backend.called('files.restore')).toEqual([[{ id: 'own', trash: ['t0'] }]]));
  });

  test('on a server without a trash is for good, with the name typed', async () => {
    const backend = open({}, nas);
    await choose('notes.txt');
    const dialog = await screen.findByRole('dialog', { name: 'Delete for good?' });
    const confirm = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Delete for good' });
    expect(confirm.disabled).toBe(true);
    await userEvent.type(within(dialog).getByRole('textbox'), 'notes.txt');
    await userEvent.click(confirm);
    expect(backend.called('files.trash')).toEqual([]);
    expect(backend.called('files.delete')).toEqual([[{ id: 'nas', paths: ['/notes.txt'] }]]);
  });

  test('of what the trash cannot take asks too', async () => {
    open({ files: { trash: refuse({ code: 'remote_trash_other_disk' }) } });
    await choose('notes.txt');
    expect(await screen.findByRole('dialog', { name: 'Delete for good?' })).toBeTruthy();
  });

  test('that is refused says why, and the row comes back', async () => {
    open({ files: { trash: refuse({ code: 'remote_file_denied' }) } });
    await choose('notes.txt');
    expect(await screen.findByText(/may not do that with files/)).toBeTruthy();
    expect(await row(/notes/)).toBeTruthy();
  });
});

describe('on their way', () => {
  test('shows how far, cancels, and lists what has arrived', async () => {
    const backend = open();
    await row(/notes/);
    backend.emit('files:transfers', [samples.transfer, { ...samples.transfer, number: 2, name: 'b', state: 'waiting', size: -1 }]);
    expect(await screen.findByText('Uploading · 500 kB of 2 MB')).toBeTruthy();
    expect(screen.getByRole('progressbar', { name: 'How far report.pdf is' }).getAttribute('value')).toBe('0.25');
    await userEvent.click(screen.getByRole('button', { name: 'Cancel b' }));
    expect(backend.called('files.cancel')).toEqual([[2]]);
    backend.emit('files:transfers', [{ ...samples.transfer, state: 'done', done: 2_000_000 }]);
    expect(await screen.findByText('report.pdf was uploaded.')).toBeTruthy();
    await waitFor(() => expect(backend.called('files.list')).toHaveLength(2));
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    expect(backend.called('files.clear')).toHaveLength(1);
  });

  test('asks where a name is taken', async () => {
    const backend = open();
    await row(/notes/);
    backend.emit('files:transfers', [{ ...samples.transfer, state: 'asking', replaceable: true }, { ...samples.transfer, number: 2, state: 'waiting' }]);
    const dialog = await screen.findByRole('dialog', { name: 'report.pdf is there already' });
    await userEvent.click(within(dialog).getByLabelText('Do the same for the others'));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Replace it' }));
    expect(backend.called('files.answer')).toEqual([[{ number: 1, choice: 'replace', all: true }]]);
    backend.emit('files:transfers', [{ ...samples.transfer, number: 3, state: 'asking' }]);
    const next = await screen.findByRole('dialog', { name: 'report.pdf is there already' });
    expect(within(next).queryByRole('button', { name: 'Replace it' })).toBeNull();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(backend.called('files.answer')).toContainEqual([{ number: 3, choice: 'skip', all: false }]));
  });

  test('says why something failed', () => {
    expect(standing({ ...samples.transfer, state: 'cancelled', files: 3 })).toBe('Cancelled · 3 files');
    expect(standing({ ...samples.transfer, state: 'running', up: false, size: -1 })).toBe('Downloading');
  });

  test('begin with what is dropped, in the folder that is shown', async () => {
    const backend = open();
    await row(/notes/);
    await fireEvent(window, Object.assign(new Event('dragenter'), { dataTransfer: { types: ['Files'] } }));
    expect(await screen.findByText('Drop to upload to All files')).toBeTruthy();
    backend.emit('files:dropped', { number: 4, name: 'a', count: 1 });
    await waitFor(() => expect(backend.called('files.uploadDropped')).toEqual([[{ id: 'own', path: '/', number: 4 }]]));
    expect(screen.queryByText('Drop to upload to All files')).toBeNull();
  });
});

describe('states', () => {
  test('no server', () => {
    fakeBackend();
    servers.begin([], '');
    render(Root);
    expect(screen.getByText('No server yet')).toBeTruthy();
  });
  test('signed out', async () => {
    open({}, { ...samples.server, state: 'signed_out', me: null });
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(signIn.server).toBe('own');
  });
  test('empty', async () => {
    open({ files: { list: ({ path }) => ({ ...samples.folderAt(path), entries: [] }) } });
    expect(await screen.findByText('This folder is empty')).toBeTruthy();
  });
  test('offline, with what was there', async () => {
    const backend = open();
    servers.listen();
    await row(/notes/);
    backend.answer({ files: { list: refuse({ code: 'server_unreachable' }) } });
    backend.emit('servers', [{ ...samples.server, state: 'offline' }]);
    await waitFor(() => expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Upload' }).disabled).toBe(true));
    expect(await row(/notes/)).toBeTruthy();
  });
  test('not allowed', async () => {
    open({ files: { list: refuse({ code: 'remote_file_denied' }) } });
    expect(await screen.findByText('This folder could not be loaded')).toBeTruthy();
    expect(screen.getByText(/may not do that with files/)).toBeTruthy();
  });
  test('a folder that is gone leads to the top', async () => {
    place.go('own', '/gone');
    const backend = open({ files: { list: refuse({ code: 'remote_file_not_found' }) } });
    expect(await screen.findByText('This folder is not there any more')).toBeTruthy();
    backend.answer({ files: { list: ({ path }) => samples.folderAt(path) } });
    await userEvent.click(screen.getByRole('button', { name: 'Show all files' }));
    expect(await row(/notes/)).toBeTruthy();
  });
  test('10,000 are few rows, and a filter finds among them', async () => {
    const entries = Array.from({ length: 10_000 }, (_, n) => ({ ...samples.fileEntries[1], name: `f${n}`, path: `/f${n}` }) as FileEntry);
    open({ files: { list: ({ path }) => ({ ...samples.folderAt(path), entries }) } });
    await row(/f0/);
    expect(document.querySelectorAll('[role="row"]').length).toBeLessThan(200);
    await userEvent.click(screen.getByLabelText('Filter'));
    await userEvent.paste('f9999');
    expect(await screen.findByRole('heading', { name: '1 of 10,000 items' })).toBeTruthy();
  });
});

// A name is a server's to choose: it is text, and nothing else.
test('names are shown as text', async () => {
  const evil = '<img src=x onerror="alert(1)">';
  open({ files: { list: ({ path }) => ({ ...samples.folderAt(path), entries: [{ ...samples.fileEntries[1], name: evil } as FileEntry] }) } });
  expect(await screen.findByText(evil)).toBeTruthy();
  expect(document.querySelector('img')).toBeNull();
});

describe('the trash', () => {
  const enter = async (overrides: Overrides = {}) => {
    const backend = open(overrides);
    await row(/notes/);
    runCommand('files-trash');
    return backend;
  };
  test('restores, and says under which name', async () => {
    const backend = await enter({ files: { restore: () => ['old (2).txt'] } });
    expect(await screen.findByRole('heading', { name: '1 item in the trash' })).toBeTruthy();
    expect(screen.getByText('20 days')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Restore old.txt' }));
    expect(backend.called('files.restore')).toEqual([[{ id: 'own', trash: ['0a1b'] }]]);
    await waitFor(() => expect(said()).toEqual(['old (2).txt was restored.']));
    expect(await screen.findByText('The trash is empty')).toBeTruthy();
  });
  test('is emptied with the number typed', async () => {
    const backend = await enter();
    await userEvent.click(await screen.findByRole('button', { name: 'Empty the trash' }));
    const dialog = await screen.findByRole('dialog', { name: 'Empty the trash?' });
    await userEvent.type(within(dialog).getByRole('textbox'), '1 item');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Delete for good' }));
    await waitFor(() => expect(backend.called('files.discard')).toEqual([[{ id: 'own', trash: ['0a1b'] }]]));
  });
});
