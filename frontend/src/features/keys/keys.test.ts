import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostKey, Key, KeyRotation, LocalKey, RotationTurn, Server } from '$lib/backend';
import { fakeBackend, never, type Overrides, problemOf, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import { setLanguage } from '$lib/i18n';
import { counts, servers, signIn, toasts } from '$lib/state';
import { begin, flow, openRotate } from './flow.svelte';
import { freeTitle, kindName, listed, matching } from './names';
import Root from './Keys.svelte';

const local: LocalKey = { ...samples.localKey, algorithm: 'ED25519' };
const weak: LocalKey = { ...local, name: 'id_rsa', path: '/home/ann/.ssh/id_rsa', algorithm: 'RSA', bits: 2048, fingerprint: 'SHA256:weak' };
const old: Key = { ...samples.key, id: 'k2', title: 'old-laptop', type: 'ssh-rsa', fingerprint: weak.fingerprint, lastUsedAt: samples.noon, local: weak.path };
const list = (keys: Key[], sftp = true) => () => ({ keys, asOf: samples.noon, sftp });

function open(overrides: Overrides = {}, server: Server = samples.server) {
  const backend = fakeBackend({ ...overrides, keys: { local: () => [local, weak], ...overrides.keys } });
  servers.begin([server], server.id);
  render(Root);
  return backend;
}
const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole('button', { name }));
const field = (name: string | RegExp) => screen.findByRole<HTMLInputElement>('textbox', { name });

beforeEach(() => begin('list'));
afterEach(() => {
  signIn.close();
  toasts.settle();
});

test('the first line counts; a key says its kind, its use and where it is', async () => {
  open({ keys: { list: list([samples.key, old]) } });
  expect(await screen.findByRole('heading', { name: '2 keys open SFTP for you' })).toBeTruthy();
  const first = within(await screen.findByRole('row', { name: /desk/ }));
  expect(first.getByText('On this computer')).toBeTruthy();
  expect(first.getByText('Never used')).toBeTruthy();
  expect(await screen.findByText('Weak: RSA 2048')).toBeTruthy();
  expect(counts.get('keys', 'own')).toBe(2);
  setLanguage('zh-CN');
  expect(await screen.findByRole('heading', { name: '2 个密钥可以让您使用 SFTP' })).toBeTruthy();
  expect(screen.getAllByText('在本机上')).toHaveLength(2);
});

test('none yet', async () => {
  open({ keys: { list: list([]) } });
  expect(await screen.findByText('No keys yet')).toBeTruthy();
});

test('keys of this computer that cannot be read do not stand in the way', async () => {
  open({ keys: { local: refuse({ code: 'ssh_folder_large' }) } });
  expect(await screen.findByRole('row', { name: /desk/ })).toBeTruthy();
});

describe('making a key', () => {
  test('leads to the upload and to the ready command', async () => {
    const backend = open({ keys: { make: ({ name }) => ({ ...samples.localKey, name, fingerprint: 'SHA256:new' }) } });
    await press('Make a key');
    expect((await screen.findByRole<HTMLInputElement>('radio', { name: 'Ed25519' })).checked).toBe(true);
    expect(screen.queryByRole('radio', { name: 'RSA 4096' })).toBeNull();
    const name = await field('File name');
    await waitFor(() => expect(name.value).toBe('latchkey_desk'));
    expect(document.activeElement).toBe(name);
    await userEvent.type(screen.getByLabelText('Passphrase'), 'river boat');
    await press('Make the key');
    expect(await screen.findByText('The two are not the same. Type it once more.')).toBeTruthy();
    expect(backend.called('keys.make')).toEqual([]);
    await userEvent.type(screen.getByLabelText('Passphrase again'), 'river boat');
    await press('Make the key');
    expect(backend.called('keys.make')).toEqual([
      [{ kind: 'ed25519', name: 'latchkey_desk', comment: 'ann@desk', passphrase: 'river boat', keep: false }],
    ]);

    expect(await screen.findByRole('heading', { name: 'Your key is made' })).toBeTruthy();
    expect(screen.getByText('SHA256:new')).toBeTruthy();
    expect(screen.getByRole('img', { name: 'The fingerprint as a picture' })).toBeTruthy();
    expect(JSON.stringify(flow)).not.toContain('river boat');
    const title = await field('Title');
    await userEvent.clear(title);
    await userEvent.type(title, 'my desk{Enter}');
    expect(backend.called('keys.upload')).toEqual([[{ id: 'own', title: 'my desk', line: samples.localKey.line, rules: samples.noRules }]]);

    expect(await screen.findByRole('heading', { name: 'The key is on the server' })).toBeTruthy();
    expect(backend.called('keys.connect')).toEqual([[{ id: 'own', key: samples.localKey.path }]]);
    expect(await screen.findByText('sftp -P 5222 ann@127.0.0.1')).toBeTruthy();
    await press('Done');
    expect(await screen.findByRole('row', { name: /desk/ })).toBeTruthy();
  });

  test('of another kind asks for another name, unless somebody chose one', async () => {
    open({ keys: { suggest: (kind) => ({ name: `id_${kind}`, comment: 'ann@desk', folder: '/home/ann/.ssh' }) } });
    await press('Make a key');
    await press('Other kinds');
    await userEvent.click(await screen.findByRole('radio', { name: 'ECDSA 256' }));
    const name = await field('File name');
    await waitFor(() => expect(name.value).toBe('id_ecdsa-256'));
    await userEvent.type(name, '-mine');
    await userEvent.click(screen.getByRole('radio', { name: 'ECDSA 384' }));
    await waitFor(() => expect(flow.kind).toBe('ecdsa-384'));
    expect(name.value).toBe('id_ecdsa-256-mine');
  });

  test('in a security token asks for a touch and for its PIN, which does not stay', async () => {
    let end: (reason: Error) => void = () => undefined;
    const backend = open({
      keys: {
        kinds: () => ['ed25519', 'ed25519-sk'],
        make: () => new Promise((_, reject) => (end = reject)),
        stopMaking: () => end(new Error(JSON.stringify(problemOf('ssh_key_stopped')))),
      },
    });
    await press('Make a key');
    await press('Other kinds');
    await userEvent.click(await screen.findByRole('radio', { name: 'Security token' }));
    await userEvent.type(screen.getByLabelText('Passphrase'), 'river boat');
    await userEvent.type(screen.getByLabelText('Passphrase again'), 'river boat');
    expect(screen.queryByRole('checkbox')).toBeNull();
    await press('Make the key');
    expect(await screen.findByRole('heading', { name: 'Touch your security token' })).toBeTruthy();
    expect(screen.getByRole('status').textContent).toBe('Waiting for the token');
    backend.emit('keys:pin', { again: false });
    const first = await screen.findByLabelText<HTMLInputElement>('PIN');
    await waitFor(() => expect(document.activeElement).toBe(first));
    await userEvent.type(first, '{Enter}');
    expect(backend.called('keys.enterPIN')).toEqual([]);
    await userEvent.type(first, '1234{Enter}');
    expect(backend.called('keys.enterPIN')).toEqual([['1234']]);
    expect(await screen.findByRole('heading', { name: 'Touch your security token' })).toBeTruthy();
    backend.emit('keys:pin', { again: true });
    const second = await screen.findByLabelText<HTMLInputElement>('PIN');
    expect([second.value, second.getAttribute('aria-invalid')]).toEqual(['', 'true']);
    expect(screen.getByText(/did not accept that PIN/)).toBeTruthy();

    await press('Cancel');
    expect(backend.called('keys.stopMaking')).toHaveLength(1);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Make the key' })));
    expect(screen.queryByRole('alert')).toBeNull();
    await press('Make the key');
    await screen.findByRole('heading', { name: 'Touch your security token' });
    end(new Error(JSON.stringify(problemOf('ssh_key_token_pin'))));
    expect(await screen.findByRole('alert')).toBeTruthy();
    expect(backend.called('keys.make')[0]).toEqual([
      { kind: 'ed25519-sk', name: 'latchkey_desk', comment: 'ann@desk', passphrase: 'river boat', keep: false },
    ]);
  });

  test('in a security token leaves out what only OpenSSH can do with it', async () => {
    const made: LocalKey = { ...samples.localKey, algorithm: 'ED25519-SK', fingerprint: 'SHA256:new' };
    const backend = open({ keys: { make: () => made } });
    await press('Make a key');
    flow.kind = 'ed25519-sk';
    await press('Make the key');
    expect(await screen.findByRole('heading', { name: 'Your key is made' })).toBeTruthy();
    expect(screen.getByText('A short name in your SSH config')).toBeTruthy();
    expect(screen.queryByText('Test the connection')).toBeNull();
    expect(backend.called('keys.agentState')).toEqual([]);
  });

  test('a name that is taken is said at its field', async () => {
    open({ keys: { make: refuse({ code: 'ssh_key_exists', field: 'name' }) } });
    await press('Make a key');
    await press('Make the key');
    const name = await field('File name');
    await waitFor(() => expect(name.getAttribute('aria-invalid')).toBe('true'));
    await waitFor(() => expect(document.activeElement).toBe(name));
  });

  test('that takes long can be stopped', async () => {
    let stop: (reason: Error) => void = () => undefined;
    const backend = open({
      keys: {
        make: () => new Promise((_, reject) => (stop = reject)),
        stopMaking: () => stop(new Error(JSON.stringify({ code: 'ssh_key_stopped' }))),
      },
    });
    await press('Make a key');
    flow.kind = 'rsa-4096';
    await press('Make the key');
    await press('Stop');
    expect(backend.called('keys.stopMaking')).toHaveLength(1);
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Stop' })).toBeNull());
    expect(screen.queryByRole('alert')).toBeNull();
  });

  test('keeps what was typed while the screen is away', async () => {
    fakeBackend();
    servers.begin([samples.server], 'own');
    const { unmount } = render(Root);
    await press('Make a key');
    const name = await field('File name');
    await userEvent.clear(name);
    await userEvent.type(name, 'mine');
    unmount();
    render(Root);
    expect((await field('File name')).value).toBe('mine');
  });

  test('but drops what nobody typed, and what was for another server', async () => {
    fakeBackend();
    servers.begin([samples.server, { ...samples.nas, state: 'signed_in' }], 'own');
    const { unmount } = render(Root);
    await press('Make a key');
    await waitFor(() => expect(flow.name).toBe('latchkey_desk'));
    unmount();
    render(Root);
    expect(await screen.findByRole('button', { name: 'Make a key' })).toBeTruthy();
    await press('Make a key');
    await userEvent.type(await field('File name'), 'mine');
    await servers.select('nas');
    await waitFor(() => expect(flow.place).toBe('list'));
    expect(flow.name).toBe('');
  });
});

describe('uploading a key', () => {
  const paste = async (text: string) => {
    await userEvent.click(await field('Or paste the public key'));
    await userEvent.paste(text);
  };

  test('by pasting shows it before it goes up', async () => {
    const backend = open({ keys: { list: list([]) } });
    await press('Upload a key');
    await paste(samples.localKey.line);
    expect(await screen.findByText('This key goes up')).toBeTruthy();
    expect(backend.called('keys.upload')).toEqual([]);
    await press('Add it to your server');
    expect(backend.called('keys.upload')).toHaveLength(1);
  });

  test('a private key is refused, and does not stay in the field', async () => {
    const backend = open({ keys: { readPublic: refuse({ code: 'ssh_key_private', field: 'key' }) } });
    await press('Upload a key');
    await paste('-----BEGIN OPENSSH PRIVATE KEY-----');
    expect(await screen.findByText(/That is a private key, which must stay with you/)).toBeTruthy();
    expect((await field('Or paste the public key')).value).toBe('');
    expect(backend.called('keys.readPublic')).toHaveLength(1);
  });

  test('what is no key is said once, at the field', async () => {
    const backend = open({ keys: { readPublic: refuse({ code: 'ssh_key_invalid', field: 'key' }) } });
    await press('Upload a key');
    await paste('hello');
    expect(await screen.findByText(/That is not a public key/)).toBeTruthy();
    expect(backend.called('keys.readPublic')).toHaveLength(1);
  });

  test('by a file, and cancelling that changes nothing', async () => {
    const backend = open({ keys: { pickKey: () => null } });
    await press('Upload a key');
    await press('Choose a file');
    expect(screen.queryByText('This key goes up')).toBeNull();
    backend.answer({ keys: { pickKey: refuse({ code: 'ssh_key_private', field: 'key' }) } });
    await press('Choose a file');
    expect(await screen.findByRole('alert')).toBeTruthy();
  });

  test('by dropping it on the list', async () => {
    const backend = open({ keys: { list: list([]) } });
    await screen.findByText('No keys yet');
    backend.emit('keys:dropped', { text: samples.localKey.line });
    expect(await screen.findByText('This key goes up')).toBeTruthy();
    await press('Choose another');
    backend.emit('keys:dropped', { text: '', problem: problemOf('dropped_not_a_key') });
    expect(await screen.findByText(/That is no public key file/)).toBeTruthy();
  });

  test('of this computer', async () => {
    const backend = open();
    await press('Upload a key');
    await press('Choose id_rsa');
    expect(backend.called('keys.readPublic')).toEqual([[weak.line]]);
    expect(screen.queryByRole('button', { name: 'Choose latchkey_desk' })).toBeNull();
  });

  test('that is there already names it', async () => {
    open();
    await press('Upload a key');
    await paste(samples.localKey.line);
    expect(await screen.findByText('This key is on the server already, as “desk”')).toBeTruthy();
    expect(screen.queryByRole('button', { name: /^Add it to/ })).toBeNull();
  });

  test('that is weak warns', async () => {
    const key = { algorithm: 'RSA', bits: 2048, fingerprint: 'SHA256:x', art: '', comment: '', line: 'ssh-rsa AAAA', weak: true };
    open({ keys: { readPublic: () => key } });
    await press('Upload a key');
    await paste('ssh-rsa AAAA');
    expect(await screen.findByText('This key is weak')).toBeTruthy();
  });

  test('for an account that may not use SFTP warns before, and says what to do', async () => {
    open({ keys: { list: list([], false) } });
    await press('Upload a key');
    await paste(samples.localKey.line);
    expect(await screen.findByText('Your account may not use SFTP')).toBeTruthy();
    expect(screen.getByText('latchkey role update general --allow sftp')).toBeTruthy();
  });

  test('a title that is taken is said at its field', async () => {
    open({ keys: { list: list([]), upload: refuse({ code: 'ssh_key_title_taken', field: 'title' }) } });
    await press('Upload a key');
    await paste(samples.localKey.line);
    await press('Add it to your server');
    expect(await screen.findByText(/Another key on the server has that title/)).toBeTruthy();
    expect(document.activeElement).toBe(await field('Title'));
  });

  test('after being signed out elsewhere opens the sheet, and loses nothing', async () => {
    open({ keys: { list: list([]), upload: refuse({ code: 'session_ended' }) } });
    await press('Upload a key');
    await paste(samples.localKey.line);
    await press('Add it to your server');
    await waitFor(() => expect(signIn.server).toBe('own'));
    expect(screen.getByText('This key goes up')).toBeTruthy();
  });
});

// A stand-in for this computer and the server, which remember what was done.
function remembering(host: Partial<HostKey> = {}): Overrides {
  let loaded = false;
  let written = false;
  let trusted = false;
  return {
    keys: {
      local: () => [{ ...local, encrypted: false }],
      make: ({ name }) => ({ ...samples.localKey, name, encrypted: false }),
      list: list([]),
      agentState: () => ({ state: loaded ? 'loaded' : 'absent', problem: null }),
      addToAgent: () => void (loaded = true),
      removeFromAgent: () => void (loaded = false),
      planEntry: () => ({ ...samples.hostEntry, written, diff: written ? '' : samples.hostEntry.diff }),
      writeEntry: () => void (written = true),
      removeEntry: () => void (written = false),
      hostKey: () => ({ ...samples.hostKey, ...host, ...(trusted ? { state: 'trusted' as const } : {}) }),
      trustHost: () => void (trusted = true),
      distrustHost: () => void (trusted = false),
    },
  };
}

describe('what is left after making a key', () => {
  const made = (overrides: Overrides) => {
    const backend = open(overrides);
    begin('ready', { made: { ...samples.localKey, encrypted: false }, title: 'desk', path: samples.localKey.path });
    return backend;
  };
  const calls = (backend: ReturnType<typeof open>) =>
    (['upload', 'addToAgent', 'writeEntry', 'trustHost', 'test'] as const).map((name) => backend.called(`keys.${name}`).length);

  test('is done with one button, and each step can be taken back', async () => {
    const backend = made(remembering());
    await press('Do all of it');
    expect(await screen.findByRole('heading', { name: 'The key opens your files' })).toBeTruthy();
    expect(calls(backend)).toEqual([1, 1, 1, 1, 1]);
    expect(backend.called('keys.writeEntry')).toEqual([[{ id: 'own', key: samples.localKey.path, diff: samples.hostEntry.diff }]]);
    expect(backend.called('keys.trustHost')).toEqual([[{ id: 'own', fingerprint: samples.hostKey.shown.fingerprint, replace: false }]]);
    expect(screen.getAllByRole('status').map((e) => e.textContent)).toContain('Connected as ann, can write to /');
    await press('Take it out of the agent');
    await press('Take them out');
    await press('Trust it no more');
    expect(await screen.findByRole('button', { name: 'Add to the agent' })).toBeTruthy();
    expect(await screen.findByRole('button', { name: 'Write these lines' })).toBeTruthy();
    expect(await screen.findByRole('button', { name: 'Trust it' })).toBeTruthy();
    expect(screen.queryByRole('heading', { name: 'The key opens your files' })).toBeNull();
  });

  test('stops at a host key that somebody has to compare, and goes on after that', async () => {
    const backend = made(remembering({ compared: false }));
    await press('Do all of it');
    const trust = await screen.findByRole('button', { name: 'They are the same: trust it' });
    await waitFor(() => expect(document.activeElement).toBe(trust));
    expect(calls(backend)).toEqual([1, 1, 1, 0, 0]);
    await userEvent.click(trust);
    expect(await screen.findByRole('heading', { name: 'The key opens your files' })).toBeTruthy();
  });

  test('never accepts a host key that has changed', async () => {
    const known = [{ algorithm: 'ED25519', fingerprint: 'SHA256:before', art: '' }];
    const backend = made(remembering({ state: 'changed', known }));
    await press('Do all of it');
    expect(await screen.findByText('The server shows another host key than before')).toBeTruthy();
    expect(screen.getByText('SHA256:before')).toBeTruthy();
    expect(calls(backend)).toEqual([1, 1, 1, 0, 0]);
    await press('Trust the new key instead');
    expect(backend.called('keys.trustHost')).toEqual([[{ id: 'own', fingerprint: samples.hostKey.shown.fingerprint, replace: true }]]);
  });

  test('asks for the passphrase once', async () => {
    const backend = open(remembering());
    begin('ready', { made: samples.localKey, title: 'desk', path: samples.localKey.path, uploaded: true });
    await press('Do all of it');
    const field = await screen.findByLabelText('Passphrase of the key');
    await waitFor(() => expect(document.activeElement).toBe(field));
    expect(screen.getByText('Enter the passphrase of the key, then go on.')).toBeTruthy();
    expect(backend.called('keys.addToAgent')).toEqual([]);
    await userEvent.type(field, 'river boat');
    await press('Do all of it');
    expect(await screen.findByRole('heading', { name: 'The key opens your files' })).toBeTruthy();
    expect(backend.called('keys.addToAgent')).toEqual([[{ id: 'own', key: samples.localKey.path, passphrase: 'river boat', keep: false }]]);
    expect(backend.called('keys.test')).toEqual([[{ id: 'own', key: samples.localKey.path, passphrase: '', keep: false }]]);
  });

  test('without an agent asks for it at the test', async () => {
    const backend = open({ keys: { ...remembering().keys, agentState: () => ({ state: 'none', problem: problemOf('ssh_agent_none') }) } });
    begin('ready', { made: samples.localKey, title: 'desk', path: samples.localKey.path, uploaded: true });
    await userEvent.type(await screen.findByLabelText('Passphrase of the key'), 'river boat{Enter}');
    expect(backend.called('keys.test')).toEqual([[{ id: 'own', key: samples.localKey.path, passphrase: 'river boat', keep: false }]]);
  });

  test('keeps what has opened the key, if that is wanted, and asks no more', async () => {
    const { keys } = remembering({ state: 'trusted' });
    const backend = open({ keys: { ...keys, agentState: () => ({ state: 'none', problem: problemOf('ssh_agent_none') }) } });
    begin('ready', { made: samples.localKey, title: 'desk', path: samples.localKey.path, uploaded: true });
    backend.answer({ keys: { test: refuse({ code: 'ssh_passphrase_wrong' }) } });
    const field = await screen.findByLabelText('Passphrase of the key');
    await userEvent.click(screen.getByRole('checkbox', { name: 'Keep the passphrase in the vault' }));
    await userEvent.type(field, 'river bot{Enter}');
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    expect(screen.queryByRole('alert')).toBeNull();
    backend.answer({ keys: { test: () => samples.tested } });
    await userEvent.clear(field);
    await userEvent.type(field, 'river boat{Enter}');
    await waitFor(() => expect(screen.queryByLabelText('Passphrase of the key')).toBeNull());
    await press('Test again');
    expect(backend.called('keys.test')).toMatchObject([[{ passphrase: 'river bot', keep: true }], [{ passphrase: 'river boat', keep: true }], [{ passphrase: '', keep: false }]]);
  });

  test('says why a test has failed, and what to do', async () => {
    made({ keys: { ...remembering().keys, test: refuse({ code: 'ssh_key_refused_there' }) } });
    await press('Test the connection');
    expect(await screen.findByText(/does not let this key in/)).toBeTruthy();
  });
});

describe('putting a new key in the place of an old one', () => {
  const done = (...steps: string[]) => samples.rotation.steps.map((s) => (steps.includes(s.step) ? { ...s, state: 'done' as const } : s));
  const fresh: LocalKey = { ...samples.localKey, name: 'id_new', path: '/home/ann/.ssh/id_new', encrypted: true, kept: false };
  const rotate = (answer: (turn: RotationTurn) => KeyRotation) => {
    const backend = open({ keys: { rotate: answer } });
    for (const key of samples.anyKeys.slice(0, 1)) openRotate(key);
    return backend;
  };

  test('keeps the passphrase of the new one with the step that makes it, if that is wanted', async () => {
    const backend = rotate(({ step, keep }) => (step ? { ...samples.rotation, new: { ...fresh, kept: keep }, steps: done('make') } : samples.rotation));
    await userEvent.type(await screen.findByLabelText('Passphrase of the new key'), 'river boat');
    await userEvent.type(screen.getByLabelText('Passphrase again'), 'river boat');
    await userEvent.click(screen.getByRole('checkbox', { name: 'Keep the passphrase in the vault' }));
    await press('Make the key');
    await press('Upload it');
    await waitFor(() => expect(backend.called('keys.rotate')).toMatchObject([[{ step: '', keep: false }], [{ step: 'make', keep: true }], [{ step: 'upload', keep: false }]]));
  });

  test('asks for it where it goes on another day, unless it is kept', async () => {
    const gone = { ...samples.rotation, new: fresh, steps: done('make', 'upload') };
    const backend = rotate(({ step, keep }) => (step === 'test' ? { ...gone, new: { ...fresh, kept: keep }, steps: done('make', 'upload', 'test') } : gone));
    const field = await screen.findByLabelText('Passphrase of the new key');
    await press('Sign in with it');
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    await userEvent.click(screen.getByRole('checkbox', { name: 'Keep the passphrase in the vault' }));
    await userEvent.type(field, 'river boat{Enter}');
    await waitFor(() => expect(screen.queryByLabelText('Passphrase of the new key')).toBeNull());
    expect(backend.called('keys.rotate').at(-1)).toMatchObject([{ step: 'test', new: 'river boat', keep: true }]);
  });
});

describe('all keys', () => {
  const missing = [{ server: 'nas', problem: problemOf('server_unreachable') }];
  function openAll(overrides: Overrides = {}) {
    const backend = open(overrides);
    servers.begin([samples.server, samples.nas], 'own');
    begin('all');
    return backend;
  }
  const details = async (name: RegExp) => {
    (await screen.findByRole('row', { name })).focus();
    await userEvent.keyboard('{Enter}');
    return screen.findByRole('dialog');
  };

  test('say what is wrong, and which servers are missing', async () => {
    openAll({ keys: { all: () => ({ keys: samples.anyKeys, missing, agent: null, asOf: samples.noon }) } });
    expect(await screen.findByRole('heading', { name: '1 of your 3 keys needs attention' })).toBeTruthy();
    expect(screen.getByText(`The keys of ${samples.nas.name} are not in this list`)).toBeTruthy();
    const weakRow = within(await screen.findByRole('row', { name: /id_rsa/ }));
    for (const tag of ['Others can read it', '2 more']) expect(weakRow.getByText(tag)).toBeTruthy();
    expect(within(screen.getByRole('row', { name: /phone/ })).getByText('Not from here')).toBeTruthy();
    expect(within(screen.getByRole('row', { name: /latchkey_desk/ })).getByText('This computer, SSH agent')).toBeTruthy();
  });

  test('are listed where there is no server', async () => {
    fakeBackend();
    servers.begin([], '');
    begin('list');
    render(Root);
    await press('All your keys');
    expect(await screen.findByRole('row', { name: /id_rsa/ })).toBeTruthy();
  });

  test('a mode is mended, and the list follows', async () => {
    const backend = openAll();
    const dialog = within(await details(/id_rsa/));
    await userEvent.click(dialog.getByRole('button', { name: 'Make it readable by you alone' }));
    expect(backend.called('keys.tighten')).toEqual([['/home/ann/.ssh/id_rsa']]);
    await waitFor(() => expect(backend.called('keys.all')).toHaveLength(2));
  });

  test('a passphrase is set, typed twice', async () => {
    const backend = openAll();
    const dialog = within(await details(/id_rsa/));
    await userEvent.click(dialog.getAllByRole('button', { name: 'Set a passphrase' })[0] ?? document.body);
    const sheet = within(await screen.findByRole('dialog', { name: 'Set a passphrase' }));
    await userEvent.type(sheet.getByLabelText('New passphrase'), 'river boat lantern');
    await userEvent.type(sheet.getByLabelText('New passphrase again'), 'river boat{Enter}');
    expect(await sheet.findByText('The two are not the same. Type it once more.')).toBeTruthy();
    expect(backend.called('keys.changePassphrase')).toEqual([]);
    await userEvent.type(sheet.getByLabelText('New passphrase again'), ' lantern{Enter}');
    expect(backend.called('keys.changePassphrase')).toEqual([[{ key: '/home/ann/.ssh/id_rsa', old: '', new: 'river boat lantern' }]]);
  });

  test('one goes into the agent, and out of it', async () => {
    const backend = openAll();
    let dialog = within(await details(/latchkey_desk/));
    await userEvent.click(dialog.getByRole('button', { name: 'Take it out of the agent' }));
    expect(backend.called('keys.removeFromAgent')).toEqual([[samples.localKey.fingerprint]]);
    await userEvent.keyboard('{Escape}');
    dialog = within(await details(/id_rsa/));
    await userEvent.click(dialog.getByRole('button', { name: 'Add to the agent' }));
    expect(backend.called('keys.addToAgent')).toEqual([[{ id: '', key: '/home/ann/.ssh/id_rsa', passphrase: '', keep: false }]]);
  });

  test('what stays in a security token is not copied, replaced or put into the agent from here', async () => {
    const inToken = samples.anyKeys.map((k) => ({ ...k, algorithm: 'ED25519-SK', inAgent: false, concerns: [] }));
    openAll({ keys: { all: () => ({ keys: inToken, missing: [], agent: null, asOf: samples.noon }) } });
    const dialog = await details(/latchkey_desk/);
    expect(within(dialog).getByText('Ed25519-SK')).toBeTruthy();
    expect(within(dialog).getAllByRole('button').map((b) => b.getAttribute('aria-label') ?? b.textContent.trim())).toEqual([
      'Close', 'Copy the fingerprint', 'Limits…', 'Take it off the server…',
    ]);
  });

  test('one is taken off a server with its name typed', async () => {
    const backend = openAll();
    await userEvent.click(within(await details(/phone/)).getByRole('button', { name: 'Take it off the server…' }));
    const sheet = await screen.findByRole('dialog', { name: 'Delete this key from the server?' });
    await userEvent.type(within(sheet).getByRole('textbox'), 'phone{Enter}');
    expect(backend.called('keys.delete')).toEqual([[{ id: 'own', key: 'k3' }]]);
  });
});

describe('deleting a key', () => {
  const ask = async () => {
    (await screen.findByRole('row', { name: /desk/ })).focus();
    await userEvent.keyboard('{Delete}');
    return screen.findByRole('dialog', { name: 'Delete this key from the server?' });
  };

  test('wants its title typed', async () => {
    const backend = open();
    const dialog = await ask();
    const button = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Delete the key' });
    expect(button.disabled).toBe(true);
    await userEvent.type(within(dialog).getByRole('textbox'), 'desk{Enter}');
    expect(backend.called('keys.delete')).toEqual([[{ id: 'own', key: 'k1' }]]);
    await waitFor(() => expect(screen.queryByRole('row', { name: /desk/ })).toBeNull());
    expect(counts.get('keys', 'own')).toBe(0);
  });

  test('that fails says why in the dialog', async () => {
    open({ keys: { delete: refuse({ code: 'server_unreachable' }) } });
    const dialog = await ask();
    await userEvent.type(within(dialog).getByRole('textbox'), 'desk{Enter}');
    expect(await within(dialog).findByRole('alert')).toBeTruthy();
  });
});

test('a key that is elsewhere says how to connect from there', async () => {
  const backend = open({ keys: { list: list([{ ...samples.key, local: '' }]) } });
  (await screen.findByRole('row', { name: /desk/ })).focus();
  await userEvent.keyboard('{Enter}');
  expect(await screen.findByText(/The private half is on another computer/)).toBeTruthy();
  expect(backend.called('keys.connect')).toEqual([[{ id: 'own', key: '' }]]);
});

test('SFTP that is off says where to turn it on', async () => {
  open({ keys: { connect: () => ({ command: '', host: '127.0.0.1', port: 0, username: 'ann', hostKeys: [] }) } });
  (await screen.findByRole('row', { name: /desk/ })).focus();
  await userEvent.keyboard('{Enter}');
  expect(await screen.findByRole('button', { name: 'Open its settings' })).toBeTruthy();
});

test('1,000 keys are few rows, with a filter', { timeout: 30_000 }, async () => {
  open({ keys: { list: list(Array.from({ length: 1000 }, (_, i) => ({ ...samples.key, id: `${i}`, title: `server ${i}` }))) } });
  expect(await screen.findByText('1,000 keys open SFTP for you')).toBeTruthy();
  expect(document.querySelectorAll('[role="row"]').length).toBeLessThan(200);
  await userEvent.click(screen.getByLabelText('Filter'));
  await userEvent.paste('server 999');
  expect(await screen.findByText('1 of 1,000 keys')).toBeTruthy();
});

test('without the server the last list stays, with its time, and nothing can be deleted', async () => {
  const backend = open();
  servers.listen();
  await screen.findByRole('row', { name: /desk/ });
  const problem = problemOf('server_unreachable');
  backend.emit('servers', [{ ...samples.server, state: 'offline', problem }]);
  expect(await screen.findByText(/^This is the list as of/)).toBeTruthy();
  (await screen.findByRole('row', { name: /desk/ })).focus();
  await userEvent.keyboard('{Delete}');
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a server without keys says so', async () => {
  open({}, { ...samples.nas, state: 'signed_in', can: { ...samples.nas.can, sshKeys: false } });
  expect(await screen.findByText('nas.local takes no SFTP keys')).toBeTruthy();
  setLanguage('zh-CN');
  await tick();
  expect(screen.getByText('“nas.local”不支持 SFTP 密钥')).toBeTruthy();
});

test('while it loads there is a skeleton', async () => {
  open({ keys: { list: never } });
  expect(await screen.findByRole('status', { name: 'Loading' })).toBeTruthy();
});

test.each([
  ['ssh-ed25519', 0, 'Ed25519'],
  ['ED25519', 256, 'Ed25519'],
  ['ecdsa-sha2-nistp384', 0, 'ECDSA 384'],
  ['rsa-4096', 0, 'RSA 4096'],
  ['ssh-rsa', 0, 'RSA'],
  ['ssh-dss', 0, 'DSA'],
  ['sk-ssh-ed25519@openssh.com', 0, 'Ed25519-SK'],
  ['ED25519-SK', 256, 'Ed25519-SK'],
  ['ed25519-sk', 0, 'Ed25519-SK'],
  ['sk-ecdsa-sha2-nistp256@openssh.com', 0, 'ECDSA-SK'],
  ['x-new', 0, 'x-new'],
])('kindName(%s, %i)', (spelled, bits, want) => {
  expect(kindName(spelled, bits)).toBe(want);
});

test('words for keys', () => {
  expect(freeTitle('desk', [{ title: 'desk' }, { title: 'desk 2' }])).toBe('desk 3');
  const rows = listed([samples.key, old], [local, weak]);
  expect(rows.map((r) => [r.kind, r.weak])).toEqual([['Ed25519', false], ['RSA 2048', true]]);
  expect(matching(rows, 'rsa OLD').map((r) => r.id)).toEqual(['k2']);
});
