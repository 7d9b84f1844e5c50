// What the fake of the bridge answers with. Tests change it by spreading.
import type {
  AnyKey, Boot, Code, CodeClock, CodeEntry, Device, DevKey, FileEntry, Folder, HostEntry, HostKey, IntakeFound, IntakeState, Key, KeyRotation, KeyRules,
  LocalKey,
  OwnStatus, Server, Settings, Tested, Transfer, TrashedFile, VaultStatus,
} from './types';

const HOUR = 3_600_000;
/** The moment at which the samples were taken. */
export const noon = Date.UTC(2026, 10, 20, 12);

export const settings: Settings = {
  language: 'en',
  theme: '',
  clipboardSeconds: 30,
  startWithComputer: false,
  lockMinutes: 15, keyMonths: 12,
  closing: 'ask',
  nextCode: true,
  hideCodes: false,
  clockServer: '',
  clockAhead: 0,
};

export const clock: CodeClock = { server: '', name: '', ahead: 0, compared: 0, level: '', usable: false };

export const vault: VaultStatus = { state: 'unlocked', protection: 'keyring', openedBy: 'keyring', problem: null };

const everything = { devices: true, sshKeys: true, keyRules: true, factorOff: true, recoveryCodes: true, devKeys: true, trash: true, storage: true, proof: true };

export const server: Server = {
  id: 'own',
  name: 'This computer',
  address: '',
  own: true,
  kind: 'Latchkey',
  version: '1.0.0',
  plain: false,
  sftp: { host: '127.0.0.1', port: 5222 },
  username: 'ann',
  codeExpected: false,
  pin: '',
  state: 'signed_in',
  since: noon,
  problem: null,
  next: 0,
  drift: 0,
  checked: true,
  lockedUntil: 0,
  me: {
    id: 1,
    username: 'ann',
    admin: true,
    roles: ['admin'],
    basePath: '/',
    sftp: true,
    secondFactor: false,
    mustChangePassword: false,
  },
  can: everything,
};

export const nas: Server = {
  ...server,
  id: 'nas',
  name: 'nas.local',
  address: 'https://nas.local',
  own: false,
  kind: 'AList',
  version: '3.61.0',
  sftp: { host: 'nas.local', port: 5222 },
  state: 'signed_out',
  me: null,
  can: { ...everything, factorOff: false, recoveryCodes: false, devKeys: false, trash: false, storage: false, proof: false },
};

export const own: OwnStatus = {
  state: 'running',
  problem: null,
  http: 'http://127.0.0.1:5244',
  sftp: '127.0.0.1:5222',
  certificate: '',
  hostKeys: ['SHA256:aAFI5C3qJkM7Z0n4rWc2yS8tVbXeLpQ1uHgD6hYhsDk'],
  addresses: [],
  settings: { lan: false, httpPort: 5244, sftpPort: 5222 },
  pinned: { lan: '', http: '', sftp: '', files: '' },
  folder: '/home/ann/Latchkey',
  data: '/home/ann/.config/latchkey',
};

export const boot: Boot = {
  version: '1.0.0',
  os: 'linux',
  hostname: 'desk',
  settings,
  vault,
  servers: [server, nas],
  current: 'own',
  view: 'devices',
  own,
  firstRun: false,
  problem: null,
  desktop: true,
};

export const device: Device = {
  id: 'd1',
  userID: 1,
  username: 'ann',
  agent: 'Latchkey/1.0.0 (Linux; desk)',
  name: 'Latchkey on desk',
  kind: 'program',
  address: '127.*.*.1',
  lastActive: noon,
  current: true,
  sftp: false,
  sshKey: '',
  since: 0,
};

export const connection: Device = {
  ...device,
  id: 'd9',
  agent: 'SSH-2.0-OpenSSH_9.9',
  name: 'OpenSSH 9.9',
  address: '192.*.*.61',
  current: false,
  sftp: true,
  sshKey: 'laptop',
  since: noon - HOUR,
};

export const devices: Device[] = [
  device,
  { ...device, id: 'd2', name: 'Safari on iPhone', kind: 'phone', address: '192.*.*.24', lastActive: noon - HOUR, current: false },
  { ...device, id: 'd3', name: 'rclone', kind: 'program', address: '192.*.*.61', lastActive: noon - 2 * HOUR, current: false },
];

export const devKey: DevKey = {
  id: '7',
  name: 'nightly backup',
  prefix: '17951760070a1b',
  status: 'active',
  createdAt: noon - 48 * HOUR,
  expiresAt: 0,
  lastUsedAt: 0,
  address: '',
};

export const noRules: KeyRules = { expiresAt: 0, from: '', readOnly: false, folder: '' };

export const key: Key = {
  id: 'k1',
  title: 'desk',
  type: 'ssh-ed25519',
  fingerprint: 'SHA256:aAFI5C3qJkM7Z0n4rWc2yS8tVbXeLpQ1uHgD6hYhsDk',
  addedAt: noon - 48 * HOUR,
  lastUsedAt: 0,
  local: '/home/ann/.ssh/latchkey_desk',
  rules: noRules,
};

export const localKey: LocalKey = {
  name: 'latchkey_desk',
  path: '/home/ann/.ssh/latchkey_desk',
  algorithm: 'ssh-ed25519',
  bits: 256,
  fingerprint: key.fingerprint,
  md5: 'MD5:0e:1d:2c:3b:4a:59:68:77:86:95:a4:b3:c2:d1:e0:ff',
  art: '+--[ED25519 256]--+\n|                 |\n+----[SHA256]-----+',
  comment: 'ann@desk',
  line: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJc9mVxCw ann@desk',
  encrypted: true,
  kept: false,
  hasPrivate: true,
  hasPublic: true,
  loose: false,
  problem: null,
};

export const anyKeys: AnyKey[] = [
  {
    id: localKey.fingerprint, name: localKey.name, algorithm: 'ED25519', bits: 256, fingerprint: localKey.fingerprint, path: localKey.path,
    encrypted: true, kept: false, inAgent: true, there: [{ server: 'own', key: 'k1', title: 'desk', lastUsedAt: noon, rules: noRules }], since: noon - 48 * HOUR, sinceFile: false, concerns: [], problem: null,
  },
  {
    id: 'SHA256:weak', name: 'id_rsa', algorithm: 'RSA', bits: 2048, fingerprint: 'SHA256:weak', path: '/home/ann/.ssh/id_rsa',
    encrypted: false, kept: false, inAgent: false, there: [], since: noon - 48 * HOUR, sinceFile: false, concerns: ['readable_by_others', 'rsa_short', 'no_passphrase'], problem: null,
  },
  {
    id: 'SHA256:phone', name: 'phone', algorithm: 'ssh-ed25519', bits: 0, fingerprint: 'SHA256:phone', path: '', encrypted: false, kept: false,
    inAgent: false, there: [{ server: 'own', key: 'k3', title: 'phone', lastUsedAt: 0, rules: noRules }], since: noon - 48 * HOUR, sinceFile: false, concerns: ['unused', 'only_on_server'], problem: null,
  },
];

export const rotation: KeyRotation = {
  old: localKey,
  new: null,
  kind: 'ed25519',
  steps: ['make', 'upload', 'test', 'entry', 'agent', 'remove', 'aside'].map((step) => ({ step, state: 'todo' })),
  title: '',
  diff: '',
  config: '/home/ann/.ssh/config',
  uses: [],
  aside: '',
};

export const hostEntry: HostEntry = {
  alias: 'latchkey',
  path: '/home/ann/.ssh/config',
  diff: '+ # >>> latchkey latchkey\n+ Host latchkey\n+     HostName 127.0.0.1\n+ # <<< latchkey latchkey\n',
  written: false,
};

export const hostKey: HostKey = {
  state: 'unseen',
  address: '127.0.0.1:5222',
  shown: { algorithm: 'ED25519', fingerprint: own.hostKeys[0] ?? '', art: localKey.art },
  known: [],
  compared: true,
};

export const tested: Tested = {
  server: 'SSH-2.0-Latchkey',
  address: '127.0.0.1:5222',
  username: 'ann',
  exchange: 'mlkem768x25519-sha256',
  cipher: 'aes128-gcm@openssh.com',
  folder: '/',
  writable: true,
  left: '',
};

export const codeEntry: CodeEntry = {
  id: 'c1',
  issuer: 'GitHub',
  account: 'ann@example.org',
  kind: 'totp',
  digits: 6,
  period: 30,
  tags: ['work'],
  pinned: false,
  note: '',
  letters: 'G',
  colour: 4,
  server: '',
  username: '',
  goneAt: 0,
};

export const codeEntries: CodeEntry[] = [
  codeEntry,
  { ...codeEntry, id: 'c2', issuer: 'Bank', account: 'ann', digits: 8, period: 60, tags: ['money'], letters: 'B', colour: 7 },
  { ...codeEntry, id: 'c3', issuer: 'Router', account: 'admin', kind: 'hotp', period: 0, tags: [], letters: 'R', colour: 1 },
];

/** codesAt is what Go answers at a moment: their digits are the time step, so that a test can tell which it sees. */
export const codesAt = (now: number): Code[] =>
  codeEntries
    .filter((e) => e.period > 0)
    .map(({ id, digits, period }) => {
      const step = Math.floor(now / 1000 / period);
      const text = (n: number) => String(n).padStart(digits, '0').slice(-digits);
      return { id, text: text(step), next: text(step + 1), step, until: (step + 1) * period * 1000 };
    });

export const nothingFound: IntakeState = { found: [], missed: [], batches: [], waiting: [], plain: [] };

export const found: IntakeFound = {
  id: '1.1.1',
  issuer: 'GitHub',
  account: 'ann',
  kind: 'totp',
  algorithm: 'SHA1',
  digits: 6,
  period: 30,
  cleaned: false,
  state: 'new',
  existing: '',
  existingAt: 0,
  from: { piece: '1', way: 'file', name: 'github.png', code: 1, of: 1, part: 0, parts: 0 },
  link: null,
};

export const intake: IntakeState = { ...nothingFound, found: [found] };

const entry = (name: string, more: Partial<FileEntry> = {}): FileEntry => ({
  name, path: `/${name}`, folder: false, size: 1_234_567, modified: noon - HOUR, ...more,
});
export const fileEntries: FileEntry[] = [
  entry('pictures', { folder: true, size: 0 }),
  entry('notes.txt', { size: 13, modified: noon - 48 * HOUR }),
  entry('report.pdf'),
];

/** folderAt is that folder, with the same in it as in each. */
export const folderAt = (path: string): Folder => {
  const names = path.split('/').filter(Boolean);
  const above = names.map((name, n) => entry(name, { path: `/${names.slice(0, n + 1).join('/')}`, folder: true }));
  const at = path === '/' ? '' : path;
  return {
    path,
    above: [entry('', { path: '/', folder: true }), ...above],
    entries: fileEntries.map((e) => ({ ...e, path: `${at}/${e.name}` })),
    asOf: noon,
  };
};
export const trashed: TrashedFile = { trash: '0a1b', name: 'old.txt', was: '/pictures', folder: false, size: 13, goneAt: Date.now() + 20 * 24 * HOUR };
export const transfer: Transfer = {
  number: 1, id: 'own', up: true, name: 'report.pdf', folder: '/', state: 'running', replaceable: false, done: 500_000, size: 2_000_000, files: 0, problem: null,
};
