// The bridge for tests. It stands where Wails stands, so that a test goes
// through the real calls with their time limits and errors.
import type { Backend } from './api';
import type { Events } from './events';
import * as samples from './samples';
import type { Problem } from './types';

/** The calls of one struct, each answering at once or later. */
type Answers<S> = {
  [M in keyof S]: S[M] extends (...values: infer A) => Promise<infer R> ? (...values: A) => R | Promise<R> : never;
};
export type Overrides = { [S in keyof Backend]?: Partial<Answers<Backend[S]>> };

export interface Fake {
  /** Every call so far: ['devices.end', { id, device }]. */
  calls: [name: string, ...values: unknown[]][];
  /** called returns the arguments of each call of that name. */
  called: (name: string) => unknown[][];
  /** answer changes what calls answer from now on. */
  answer: (changes: Overrides) => void;
  /** emit sends an event to the page. */
  emit: <E extends keyof Events>(event: E, value: Events[E]) => void;
}

let messageOf: (code: string) => string = () => '';

/** speak has problems say what Go says with their code. */
export function speak(messages: typeof messageOf) {
  messageOf = messages;
}

/** problemOf is a problem of that code, as Go tells it. */
export function problemOf(code: string, more: Partial<Problem> = {}): Problem {
  return { code, message: messageOf(code), field: '', retryAfter: 0, details: code, ...more };
}

/** refuse is a call that fails with such a problem, in the form in which Wails hands it over. */
export function refuse({ code, ...more }: Pick<Problem, 'code'> & Partial<Problem>): () => never {
  return () => {
    throw new Error(JSON.stringify(problemOf(code, more)));
  };
}

/** never is a call that gets no answer, as after a panic in Go. */
export const never = () => new Promise<never>(() => undefined);

/** fakeBackend takes the place of Go until the end of the test. */
export function fakeBackend(overrides: Overrides = {}): Fake {
  const listeners = new Map<string, Set<(value: unknown) => void>>();
  const answers: Record<string, unknown> = {};
  const fake: Fake = {
    calls: [],
    called: (name) => fake.calls.filter(([n]) => n === name).map(([, ...values]) => values),
    answer: (changes) => {
      for (const [struct, methods] of Object.entries(changes)) {
        for (const [name, fn] of Object.entries(methods)) answers[`${struct}.${name}`] = fn;
      }
    },
    emit: (event, value) => listeners.get(event)?.forEach((fn) => fn(value)),
  };
  fake.answer(sensible());
  fake.answer(overrides);

  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  const app: NonNullable<NonNullable<Window['go']>['app']> = {};
  for (const name of Object.keys(answers)) {
    const [struct = '', call = ''] = name.split('.');
    (app[capital(struct)] ??= {})[capital(call)] = (...values) => {
      fake.calls.push([name, ...values]);
      return Promise.resolve().then(() => (answers[name] as (...values: unknown[]) => unknown)(...values));
    };
  }
  window.go = { app };
  window.runtime = {
    EventsOn: (event, fn) => {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set.add(fn));
      return () => set.delete(fn);
    },
  };
  return fake;
}

const nothing = () => undefined;

/** sensible answers every call, as for a person with a server of their own. */
function sensible(): { [S in keyof Backend]: Answers<Backend[S]> } {
  const s = samples;
  const line = { algorithm: 'ssh-ed25519', bits: 256, comment: 'ann@desk', weak: false };
  const publicKey = { ...line, fingerprint: s.key.fingerprint, art: s.localKey.art, line: s.localKey.line };
  const qr = ['1110111', '1010101', '1110111', '0001000', '1110101', '1010011', '1110110'];
  const certificate = {
    fingerprint: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    names: ['nas.local'],
    issuer: 'nas.local',
    notBefore: s.noon,
    notAfter: s.noon + 31_536_000_000,
    doubt: 'unknown_issuer' as const,
  };
  const found = {
    address: 'https://nas.local', kind: 'AList' as const, version: '3.61.0', title: 'Home', name: 'nas.local',
    username: '', plain: false, triedTLS: true, certificate,
  };
  return {
    shell: {
      boot: () => s.boot,
      quit: nothing,
      active: nothing,
      drawn: nothing,
      speak: nothing,
      saveView: nothing,
      copyText: ({ secret }) => ({ clearsAt: secret ? Date.now() + 30_000 : 0 }),
      clearCopied: nothing,
      openLink: nothing,
      close: nothing,
    },
    vault: {
      status: () => s.vault,
      probe: () => null,
      strength: (text) => ({ level: Math.min(4, Math.floor(text.length / 4)) as 0 | 1 | 2 | 3 | 4, weakness: '' }),
      create: () => 'ABCD-EFGH-JKLM-NPQR-STUV-WXYZ-2345-6789',
      confirmRecovery: nothing,
      unlock: () => s.vault,
      lock: nothing,
      move: nothing,
      changePassphrase: nothing,
      newRecoveryKey: () => '9876-5432-ZYXW-VUTS-RQPN-MLKJ-HGFE-DCBA',
      saveRecovery: () => '/home/ann/recovery.txt',
      restorePrevious: () => s.vault,
      setAside: () => 'vault.db.damaged-1',
    },
    servers: {
      list: () => s.boot.servers,
      select: nothing,
      find: () => found,
      add: (n) => ({ ...s.nas, name: n.name, address: n.address, username: n.username }),
      rename: ({ name }) => ({ ...s.nas, name }),
      setSFTP: ({ host, port }) => ({ ...s.nas, sftp: { host, port } }),
      move: ({ address }) => ({ ...s.nas, address }),
      forget: nothing,
      check: () => s.nas,
      inspect: () => certificate,
      accept: () => s.nas,
      replace: () => s.nas,
      setAside: () => 'servers.json.damaged-1',
    },
    own: {
      status: () => s.own,
      chooseFolder: () => '/home/ann/Latchkey',
      create: () => s.server,
      start: () => s.own,
      stop: () => ({ ...s.own, state: 'stopped', http: '', sftp: '' }),
      unlock: nothing,
      configure: (settings) => ({ ...s.own, settings }),
      openFolder: nothing,
      log: () => [{ at: s.noon, level: 'INFO', text: 'listening' }],
    },
    signIn: {
      signIn: ({ username }) => ({ ...s.nas, username, state: 'signed_in', me: s.server.me }),
      linked: () => '',
      takeCode: refuse({ code: 'otp_not_linked' }),
      signOut: nothing,
      changePassword: ({ username }) => ({ ...s.nas, username, state: 'signed_in', me: s.server.me }),
    },
    account: {
      factor: () => ({ on: false, recoveryCodesLeft: 0, kept: '' }),
      startFactor: () => ({ secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Latchkey:ann?secret=JBSWY3DPEHPK3PXP', qr }),
      enableFactor: () => ({ recoveryCodes: ['1111-aaaa', '2222-bbbb'], unkept: null }),
      keepFactor: nothing,
      trashKept: () => 'e1',
      disableFactor: nothing,
      newRecoveryCodes: () => ['3333-cccc', '4444-dddd'],
      saveCodes: () => '/home/ann/codes.txt',
      changePassword: () => ({ signedIn: true }),
      rename: ({ username }) => ({ ...s.server, username }),
      devKeys: () => [s.devKey],
      makeDevKey: ({ name }) => ({ key: { ...s.devKey, id: '8', name }, text: '17952048000a1b2c3d-0ca0-4e5a-8ce7-3d3cc830d94f' }),
      replaceDevKey: () => ({ key: { ...s.devKey, id: '9' }, text: '17952048001b2c3d4e-0ca0-4e5a-8ce7-3d3cc830d94f' }),
      enableDevKey: nothing,
      disableDevKey: nothing,
      deleteDevKey: nothing,
      saveDevKey: () => '/home/ann/key.txt',
    },
    devices: {
      list: () => ({ devices: s.devices, asOf: s.noon }),
      end: nothing,
      endOthers: () => s.devices.length - 1,
      listAll: () => ({ devices: s.devices, asOf: s.noon }),
      endAny: nothing,
    },
    files: {
      list: ({ path }) => s.folderAt(path),
      openFolder: nothing,
      usage: () => ({ used: 2_100_000_000, limit: 50_000_000_000 }),
      makeFolder: ({ path, name }) => `${path}/${name}`,
      rename: ({ path }) => path,
      trash: ({ paths }) => paths.map((_, n) => `t${String(n)}`),
      delete: nothing,
      trashed: () => [s.trashed],
      restore: ({ trash }) => trash.map(() => 'old.txt'),
      discard: nothing,
      uploadFiles: nothing,
      uploadFolder: nothing,
      uploadDropped: nothing,
      downloadFile: nothing,
      download: nothing,
      transfers: () => [],
      answer: nothing,
      cancel: nothing,
      cancelAll: nothing,
      clear: nothing,
      show: nothing,
    },
    keys: {
      list: () => ({ keys: [s.key], asOf: s.noon, sftp: true }),
      local: () => [s.localKey],
      kinds: () => ['ed25519', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521', 'rsa-3072', 'rsa-4096'],
      suggest: () => ({ name: 'latchkey_desk', comment: 'ann@desk', folder: '/home/ann/.ssh' }),
      make: ({ name }) => ({ ...s.localKey, name }),
      stopMaking: nothing,
      enterPIN: nothing,
      pickKey: () => publicKey,
      readPublic: () => publicKey,
      upload: nothing,
      checkFrom: nothing,
      limit: nothing,
      delete: nothing,
      connect: () => ({
        command: 'sftp -P 5222 ann@127.0.0.1', host: '127.0.0.1', port: 5222, username: 'ann', hostKeys: s.own.hostKeys,
      }),
      all: () => ({ keys: s.anyKeys, missing: [], agent: null, asOf: s.noon }),
      changePassphrase: nothing,
      forgetPassphrase: nothing,
      tighten: nothing,
      agentState: () => ({ state: 'absent', problem: null }),
      addToAgent: nothing,
      removeFromAgent: nothing,
      planEntry: () => s.hostEntry,
      writeEntry: nothing,
      removeEntry: nothing,
      hostKey: () => s.hostKey,
      trustHost: nothing,
      distrustHost: nothing,
      bringIn: ({ name }) => ({ ...s.localKey, name }),
      saveCopy: () => '/home/ann/id_nas.ppk',
      rotate: () => s.rotation,
      test: () => s.tested,
    },
    codes: {
      list: () => ({ entries: s.codeEntries, codes: s.codesAt(Date.now()), trashed: 0 }),
      trash: () => [],
      export: () => '/home/ann/codes.json',
      current: (ids) => s.codesAt(Date.now()).filter((c) => ids.length === 0 || ids.includes(c.id)),
      next: (id) => ({ id, text: '287082', next: '', step: 1, until: 0 }),
      copy: () => ({ clearsAt: Date.now() + 30_000 }),
      clock: () => s.clock,
      setClock: () => s.clock,
      edit: (e) => ({ ...s.codeEntry, ...e }),
      link: (l) => ({ ...s.codeEntry, ...l }),
      move: nothing,
      delete: nothing,
      restore: nothing,
      destroy: nothing,
      undoAdd: nothing,
      reveal: () => ({ secret: 'JBSWY3DPEHPK3PXP', qr }),
    },
    camera: { list: () => [], open: nothing, next: () => ({ picture: '', state: null }), close: nothing, frame: () => ({ picture: '', state: null }) },
    intake: {
      state: () => s.nothingFound,
      screen: () => s.intake,
      paste: () => s.intake,
      pickFiles: () => s.intake,
      picture: () => s.intake,
      text: () => s.intake,
      type: () => s.intake,
      password: () => s.intake,
      crop: () => s.intake,
      show: () => 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
      remove: () => s.nothingFound,
      clear: nothing,
      keep: (choices) => choices.map((_, n) => String(n)),
    },
    settings: {
      get: () => s.settings,
      save: (next) => next,
      about: () => ({
        version: '1.0.0', go: 'go1.26', wails: 'v2.16.0', os: 'linux', dataFolder: s.own.data,
        licences: [{ name: 'svelte', version: '5', text: 'MIT' }],
      }),
      diagnostics: () => 'Latchkey 1.0.0',
      openDataFolder: nothing,
    },
  };
}
