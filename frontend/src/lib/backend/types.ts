// What crosses the bridge, as the structs of package app in Go have it. Times
// are milliseconds of Unix time, and 0 is none.

/** A Problem is an error: say(problem) of lib/errors has the sentence for it. */
export interface Problem {
  code: string;
  message: string;
  field: string;
  /** Seconds to wait; 0 if unknown. */
  retryAfter: number;
  /** For "Details". Holds no secret. */
  details: string;
}

export interface Settings {
  language: '' | 'en' | 'zh-CN';
  theme: '' | 'light' | 'dark';
  clipboardSeconds: number;
  startWithComputer: boolean;
  closing: 'ask' | 'keep' | 'stop';
  /** Without anybody doing something, until the vault locks; 0: it does not. */
  lockMinutes: number;
  /** After how many months in use an SSH key is called old; 0: never. */
  keyMonths: number;
  /** Show the next code shortly before its time. */
  nextCode: boolean;
  /** Show codes only when asked. */
  hideCodes: boolean;
  /** The server by whose clock codes are made, as codes.setClock chose it; '': by this computer's. */
  clockServer: string;
  /** By how many seconds that was ahead when the person chose it. */
  clockAhead: number;
}

export interface Boot {
  version: string;
  os: 'linux' | 'windows' | 'darwin';
  hostname: string;
  settings: Settings;
  vault: VaultStatus;
  servers: Server[];
  current: string;
  view: string;
  own: OwnStatus;
  firstRun: boolean;
  problem: Problem | null;
  desktop: boolean;
}

export interface Copy {
  text: string;
  secret: boolean;
}
export interface Copied {
  clearsAt: number;
}
export interface Closing {
  keepServing: boolean;
  remember: boolean;
}

export type Method = 'keyring' | 'passphrase' | 'recovery';
export interface VaultStatus {
  /** '': the data folder cannot be used; opening: the keyring is being asked. */
  state: '' | 'new' | 'opening' | 'locked' | 'unlocked' | 'unusable';
  protection: '' | 'keyring' | 'passphrase';
  openedBy: '' | Method;
  problem: Problem | null;
}
export interface Strength {
  level: 0 | 1 | 2 | 3 | 4;
  weakness: string;
}
export interface Protection {
  method: Method;
  passphrase: string;
}
export interface PassphraseChange {
  current: string;
  next: string;
}

export type State =
  | 'unknown'
  | 'signed_in'
  | 'signed_out'
  | 'offline'
  | 'certificate_untrusted'
  | 'certificate_changed';
/** Where a server's files are reached. */
export interface SFTP {
  host: string;
  port: number;
}
export interface Server {
  id: string;
  name: string;
  address: string;
  own: boolean;
  kind: 'Latchkey' | 'AList' | 'OpenList' | 'other' | '';
  version: string;
  plain: boolean;
  sftp: SFTP;
  username: string;
  codeExpected: boolean;
  pin: string;
  state: State;
  since: number;
  problem: Problem | null;
  next: number;
  drift: number;
  checked: boolean;
  lockedUntil: number;
  me: Me | null;
  can: Capabilities;
}
export interface Me {
  id: number;
  username: string;
  admin: boolean;
  roles: string[];
  basePath: string;
  sftp: boolean;
  secondFactor: boolean;
  mustChangePassword: boolean;
}
export interface Capabilities {
  devices: boolean;
  sshKeys: boolean;
  keyRules: boolean;
  factorOff: boolean;
  recoveryCodes: boolean;
  devKeys: boolean;
  trash: boolean;
  storage: boolean;
  proof: boolean;
}
export interface Found {
  address: string;
  kind: Server['kind'];
  version: string;
  title: string;
  name: string;
  username: string;
  plain: boolean;
  triedTLS: boolean;
  certificate: Certificate | null;
}
export interface Certificate {
  fingerprint: string;
  names: string[];
  issuer: string;
  notBefore: number;
  notAfter: number;
  doubt: '' | 'unknown_issuer' | 'wrong_name' | 'out_of_date' | 'unusable';
}
export interface NewServer {
  address: string;
  name: string;
  fingerprint: string;
  username: string;
}
export interface NameChange {
  id: string;
  name: string;
}
export interface SFTPChange {
  id: string;
  host: string;
  port: number;
}
export interface AddressChange {
  id: string;
  address: string;
  fingerprint: string;
}
export interface Acceptance {
  id: string;
  accepted: string;
  shown: string;
}

export interface OwnSettings {
  lan: boolean;
  httpPort: number;
  sftpPort: number;
}
export interface OwnStatus {
  state: 'absent' | 'stopped' | 'starting' | 'running' | 'elsewhere' | 'failed';
  problem: Problem | null;
  http: string;
  sftp: string;
  certificate: string;
  hostKeys: string[];
  addresses: string[];
  settings: OwnSettings;
  folder: string;
  data: string;
  pinned: Pinned;
}
/** What decides a setting before the settings of the window do, such as "LATCHKEY_LAN"; '' if nothing does. */
export interface Pinned {
  lan: string;
  http: string;
  sftp: string;
  files: string;
}
export interface NewOwn {
  username: string;
  password: string;
  folder: string;
  lan: boolean;
}
export interface LogLine {
  at: number;
  level: string;
  text: string;
}

export interface Credentials {
  id: string;
  username: string;
  password: string;
  code: string;
}
export interface ForcedChange {
  id: string;
  username: string;
  current: string;
  next: string;
  code: string;
}

/** An account on a server. */
export interface AccountRef {
  id: string;
  username: string;
}
/** The code for a sign-in, and what the authenticator calls it. */
export interface LinkedCode {
  name: string;
  code: string;
}

export interface Factor {
  on: boolean;
  recoveryCodesLeft: number;
  /** What the authenticator of this window calls its code; '' if it has none. */
  kept: string;
}
export interface Setup {
  secret: string;
  uri: string;
  qr: string[];
}
export interface Enable {
  id: string;
  secret: string;
  /** Not looked at with keep. */
  code: string;
  /** In the authenticator of this window, which makes the code then. */
  keep: boolean;
  password: string;
  currentCode: string;
}
export interface Enabled {
  recoveryCodes: string[];
  /** Why the secret is not kept, if it was to be. */
  unkept: Problem | null;
}
export interface NewFactor {
  id: string;
  secret: string;
}
export interface Proof {
  id: string;
  password: string;
  code: string;
}
export interface RecoveryCodes {
  id: string;
  codes: string[];
}
export interface PasswordChange {
  id: string;
  current: string;
  next: string;
  code: string;
}
export interface Changed {
  signedIn: boolean;
}
export interface Rename {
  id: string;
  username: string;
  /** The current one; '' until the server asks for it. */
  password: string;
}

export interface DevKey {
  id: string;
  name: string;
  /** How its text begins. */
  prefix: string;
  status: 'active' | 'inactive' | 'expired';
  createdAt: number;
  expiresAt: number;
  lastUsedAt: number;
  address: string;
}
export interface MadeDevKey {
  key: DevKey;
  /** Shown only now. */
  text: string;
}
export interface NewDevKey {
  id: string;
  name: string;
  /** How long it lasts; 0 is without end. */
  days: number;
  /** The current one; '' until the server asks for it. */
  password: string;
  code: string;
}
export interface DevKeyReplacement {
  id: string;
  key: string;
  /** How long the old one goes on. */
  hours: number;
  password: string;
  code: string;
}
export interface DevKeyRef {
  id: string;
  key: string;
}
export interface ShownDevKey {
  id: string;
  name: string;
  text: string;
}

export interface Device {
  id: string;
  userID: number;
  username: string;
  agent: string;
  name: string;
  kind: 'computer' | 'phone' | 'program' | 'unknown';
  address: string;
  lastActive: number;
  current: boolean;
  sftp: boolean;
  sshKey: string;
  since: number;
}
export interface DeviceList {
  devices: Device[];
  asOf: number;
}
export interface DeviceRef {
  id: string;
  device: string;
}

export interface Key {
  id: string;
  title: string;
  type: string;
  fingerprint: string;
  addedAt: number;
  lastUsedAt: number;
  local: string;
  rules: KeyRules;
}
/** What a key on a server is limited to; empty: nothing. */
export interface KeyRules {
  expiresAt: number;
  from: string;
  readOnly: boolean;
  folder: string;
}
export interface KeyLimit {
  id: string;
  key: string;
  rules: KeyRules;
}
export interface KeyList {
  keys: Key[];
  asOf: number;
  sftp: boolean;
}
export interface LocalKey {
  name: string;
  path: string;
  algorithm: string;
  bits: number;
  fingerprint: string;
  md5: string;
  art: string;
  comment: string;
  line: string;
  encrypted: boolean;
  /** Its passphrase is in the vault. */
  kept: boolean;
  hasPrivate: boolean;
  hasPublic: boolean;
  loose: boolean;
  problem: Problem | null;
}
export interface Suggestion {
  name: string;
  comment: string;
  folder: string;
}
export interface NewKey {
  kind: string;
  name: string;
  comment: string;
  passphrase: string;
  /** The passphrase, in the vault. */
  keep: boolean;
}
export interface PublicKey {
  algorithm: string;
  bits: number;
  fingerprint: string;
  art: string;
  comment: string;
  line: string;
  weak: boolean;
}
export interface Upload {
  id: string;
  title: string;
  line: string;
  rules: KeyRules;
}
export interface KeyRef {
  id: string;
  key: string;
}
/** What is wrong with a key. */
export type Concern = 'readable_by_others' | 'unusable' | 'dsa' | 'rsa_short' | 'no_passphrase' | 'only_on_server' | 'old' | 'unused';
export interface AnyKey {
  id: string;
  name: string;
  algorithm: string;
  bits: number;
  fingerprint: string;
  path: string;
  encrypted: boolean;
  /** Its passphrase is in the vault. */
  kept: boolean;
  inAgent: boolean;
  there: KeyThere[];
  /** How long it has been in use; 0: nothing tells. */
  since: number;
  /** Its file tells that, and not a server. */
  sinceFile: boolean;
  concerns: string[];
  problem: Problem | null;
}
export interface KeyThere {
  server: string;
  key: string;
  title: string;
  lastUsedAt: number;
  rules: KeyRules;
}
export interface AllKeys {
  keys: AnyKey[];
  missing: ServerMissing[];
  agent: Problem | null;
  asOf: number;
}
export interface ServerMissing {
  server: string;
  problem: Problem | null;
}
export interface NewPassphrase {
  key: string;
  old: string;
  new: string;
}
export interface ForeignKey {
  /** For NewForeign. */
  number: number;
  file: string;
  format: string;
  algorithm: string;
  bits: number;
  /** Empty: only its passphrase tells. */
  fingerprint: string;
  encrypted: boolean;
  name: string;
  folder: string;
}
export interface NewForeign {
  number: number;
  name: string;
  passphrase: string;
  new: string;
}
export interface KeyCopy {
  key: string;
  format: string;
  passphrase: string;
  new: string;
}
export interface KeyRotation {
  old: LocalKey;
  /** null: it is not made yet. */
  new: LocalKey | null;
  kind: string;
  steps: RotationStep[];
  title: string;
  /** Of the ssh config, while that names the old key. */
  diff: string;
  config: string;
  /** Why the old file is left where it is. */
  uses: RotationUse[];
  aside: string;
}
export type RotationStepName = 'make' | 'upload' | 'test' | 'entry' | 'agent' | 'remove' | 'aside';
export interface RotationStep {
  step: string;
  /** none: there is nothing to do; kept: the old file is in use elsewhere. */
  state: 'todo' | 'done' | 'none' | 'kept';
}
export interface RotationUse {
  by: 'server' | 'unasked' | 'config' | 'default';
  name: string;
}
export interface RotationTurn {
  id: string;
  key: string;
  step: string;
  kind: string;
  old: string;
  new: string;
  diff: string;
  anyway: boolean;
}
export interface AgentState {
  /** none: no agent runs, or it does not answer. */
  state: 'none' | 'absent' | 'loaded';
  problem: Problem | null;
}
export interface KeyOpening {
  id: string;
  key: string;
  passphrase: string;
  /** A passphrase that has opened the key, in the vault. */
  keep: boolean;
}
export interface HostEntry {
  alias: string;
  path: string;
  diff: string;
  written: boolean;
}
export interface HostEntryRef {
  id: string;
  key: string;
  diff: string;
}
export interface HostFace {
  algorithm: string;
  fingerprint: string;
  art: string;
}
export interface HostKey {
  state: 'trusted' | 'unseen' | 'changed';
  address: string;
  shown: HostFace;
  known: HostFace[];
  compared: boolean;
}
export interface HostTrust {
  id: string;
  fingerprint: string;
  replace: boolean;
}
export interface Tested {
  server: string;
  address: string;
  username: string;
  exchange: string;
  cipher: string;
  folder: string;
  writable: boolean;
  /** A folder that was made to try that, and that could not be removed; '' if it was. */
  left: string;
}
export interface Connection {
  command: string;
  host: string;
  port: number;
  username: string;
  hostKeys: string[];
}

export interface CodeEntry {
  id: string;
  issuer: string;
  account: string;
  kind: 'totp' | 'hotp' | 'steam';
  digits: number;
  /** In seconds; 0 with HOTP. */
  period: number;
  tags: string[];
  pinned: boolean;
  note: string;
  /** Of its icon: one or two. */
  letters: string;
  /** Of its icon: 0 to 11. */
  colour: number;
  /** It is linked to an account on this server; '' if to none. */
  server: string;
  username: string;
  /** When it leaves the trash for good; 0 if it is not in it. */
  goneAt: number;
}
export interface CodeBook {
  entries: CodeEntry[];
  /** Those of this moment; none where they are hidden until asked for. */
  codes: Code[];
  /** How many are in the trash. */
  trashed: number;
}
export interface Code {
  id: string;
  text: string;
  /** '' with HOTP. */
  next: string;
  /** The time step, or the counter with HOTP. */
  step: number;
  /** When the next takes its place; 0 with HOTP. */
  until: number;
}

/** What there is to tell about the clock that codes are made by. */
export interface CodeClock {
  /** '': there is nothing to tell. */
  server: string;
  name: string;
  /** Seconds by which its clock is ahead of this computer's. */
  ahead: number;
  /** When the server last told the time. */
  compared: number;
  /** used: codes are made by it; warning: codes are refused; quiet: not yet. */
  level: '' | 'used' | 'quiet' | 'warning';
  /** Codes can be made by it. */
  usable: boolean;
}
export interface CodeCopy {
  id: string;
  /** As in Code, or one more for the next; 0 is the code of this moment. */
  step: number;
}
export interface CodeExport {
  /** Empty: all. */
  ids: string[];
  format: 'aegis' | 'uris' | 'sheet';
  /** The person has confirmed that the file opens to anybody. */
  plain: boolean;
  /** Of the file, unless it is plain. */
  password: string;
}
export interface CodeEdit {
  id: string;
  issuer: string;
  account: string;
  tags: string[];
  pinned: boolean;
  note: string;
}
export interface CodeMove {
  id: string;
  /** From 0, among those that are as pinned. */
  to: number;
}
export interface CodeLink {
  id: string;
  /** '' for none. */
  server: string;
  username: string;
}
export interface CodeSetup {
  /** Base32. */
  secret: string;
  qr: string[];
}

/** What is handed in to get codes from it: IntakeFile.name is empty for what was pasted. */
export interface IntakeFile {
  name: string;
  /** base64 */
  data: string;
}
export interface IntakeTyped {
  issuer: string;
  account: string;
  secret: string;
  kind: string;
  algorithm: string;
  digits: string;
  period: string;
  counter: string;
}
export interface IntakePassword {
  id: string;
  password: string;
}
/** A part of a picture, in fractions of its sides. */
export interface IntakeCrop {
  id: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}
export interface IntakeChoice {
  id: string;
  issuer: string;
  account: string;
  /** An entry of the same name that goes to the trash, or ''. */
  replaces: string;
  server: string;
  username: string;
}
export interface IntakeOrigin {
  piece: string;
  way: 'file' | 'paste' | 'screen' | 'camera' | 'type';
  /** Of the file, or ''. */
  name: string;
  /** Which code of the picture, and how many it has; 0 if it is none. */
  code: number;
  of: number;
  /** Which part of an export; 0 unless that has several. */
  part: number;
  parts: number;
}
export interface IntakeLink {
  server: string;
  name: string;
  username: string;
  /** Both names are the same; otherwise they are alike. */
  exact: boolean;
}
export interface IntakeFound {
  id: string;
  issuer: string;
  account: string;
  kind: 'totp' | 'hotp' | 'steam';
  algorithm: string;
  digits: number;
  period: number;
  /** Hidden characters were taken out of its names. */
  cleaned: boolean;
  state: 'new' | 'known' | 'namesake' | 'repeated';
  existing: string;
  existingAt: number;
  from: IntakeOrigin;
  link: IntakeLink | null;
}
export interface IntakeMiss {
  from: IntakeOrigin;
  /** Which line or entry; 0: all of it. */
  at: number;
  name: string;
  problem: Problem | null;
  /** Of the picture that can be shown and cropped; 0: there is none. */
  width: number;
  height: number;
}
export interface IntakeBatch {
  size: number;
  missing: number[];
}
export interface IntakeWaiting {
  id: string;
  name: string;
}
export interface IntakeState {
  found: IntakeFound[];
  missed: IntakeMiss[];
  batches: IntakeBatch[];
  waiting: IntakeWaiting[];
  /** Names of files that hold secrets for everybody who gets them. */
  plain: string[];
}
/** What came in without a call of the page. */
export interface IntakeNews {
  state: IntakeState;
  problem: Problem | null;
}

export interface CameraChoice {
  id: string;
  name: string;
}
export interface CameraView {
  /** A small picture as a data: URL, or '' where the page has its own. */
  picture: string;
  /** Once something was found that was not there before. */
  state: IntakeState | null;
}

export interface Licence {
  name: string;
  version: string;
  text: string;
}
export interface About {
  version: string;
  go: string;
  wails: string;
  os: string;
  dataFolder: string;
  licences: Licence[];
}

export interface FileRef {
  id: string;
  path: string;
}
export interface FileRefs {
  id: string;
  paths: string[];
}
export interface FileName {
  id: string;
  /** The folder that a new one goes into, or what gets the name. */
  path: string;
  name: string;
}
/** The password of a folder on a server, as typed. */
export interface FolderPassword {
  id: string;
  path: string;
  password: string;
}
/** A file or folder on a server. */
export interface FileEntry {
  /** Safe to show, and so perhaps not to the letter: what is meant is said by the path. */
  name: string;
  path: string;
  folder: boolean;
  /** Bytes. */
  size: number;
  /** 0 where the server does not say. */
  modified: number;
}
export interface Folder {
  path: string;
  /** The folders that it is in, the top first, which has no name, and itself. */
  above: FileEntry[];
  entries: FileEntry[];
  asOf: number;
}
export interface FileUsage {
  /** Bytes. */
  used: number;
  /** 0: not known. */
  limit: number;
}
export interface TrashedFile {
  /** By which it is restored. */
  trash: string;
  name: string;
  /** The folder that it was in. */
  was: string;
  folder: boolean;
  /** Bytes. */
  size: number;
  goneAt: number;
}
export interface TrashRefs {
  id: string;
  trash: string[];
}
/** A file or folder on its way. */
export interface Transfer {
  number: number;
  /** Of the server. */
  id: string;
  /** To the server. */
  up: boolean;
  name: string;
  /** On the server. */
  folder: string;
  state: 'waiting' | 'running' | 'asking' | 'done' | 'skipped' | 'cancelled' | 'failed';
  /** While it asks: a file may take the place of what is there. */
  replaceable: boolean;
  /** Bytes. */
  done: number;
  /** Bytes; -1: not known yet. */
  size: number;
  /** That have arrived, of a folder. */
  files: number;
  problem: Problem | null;
}
export interface TransferAnswer {
  number: number;
  choice: 'replace' | 'both' | 'skip';
  /** And for all that was chosen with it. */
  all: boolean;
}
/** What was dropped on the screen of files: Go has it, by its number. */
export interface FileDrop {
  number: number;
  /** Of the first. */
  name: string;
  count: number;
}
export interface FileLanding {
  id: string;
  path: string;
  number: number;
}
