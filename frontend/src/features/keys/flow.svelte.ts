// Where somebody is in making or uploading a key. It outlives the screen, so
// that neither another screen nor a locked vault loses what was typed.
import { api, type AnyKey, type ForeignKey, type KeyRules, type LocalKey, type Problem, type PublicKey } from '$lib/backend';
import { action, app, servers } from '$lib/state';
import { free } from './rules/rules';
import { inToken, listening, tokenKind } from './token.svelte';

/** What is on the screen: the list, or one of the pages that take its place. */
export type Place = 'list' | 'all' | 'make' | 'upload' | 'ready' | 'rotate' | 'bring';

interface Flow {
  place: Place;
  /** On which server. */
  server: string;
  /** Of the key to make. */
  kind: string;
  name: string;
  comment: string;
  passphrase: string;
  again: string;
  /** When the making of a key began. */
  began: number;
  /** The passphrase is to be kept in the vault. */
  keep: boolean;
  /** What nobody has typed of the name and the comment. */
  suggested: { name: string; comment: string };
  /** The key that was made. */
  made: LocalKey | null;
  /** What was dropped on the window, and nobody has looked at yet. */
  dropped: { text?: string; problem?: Problem } | null;
  /** The key to upload. */
  chosen: PublicKey | null;
  /** What it is to be called on the server. */
  title: string;
  /** What it is to be limited to there. */
  rules: KeyRules;
  /** The private half to connect with: a path on this computer, or ''. */
  path: string;
  /** The key has just been uploaded. */
  uploaded: boolean;
  /** The key that a new one replaces, and where it is. */
  old: AnyKey | null;
  /** The private key file that may be brought in, or has been. */
  foreign: ForeignKey | null;
}

const fresh: Flow = {
  place: 'list',
  server: '',
  kind: 'ed25519',
  name: '',
  comment: '',
  passphrase: '',
  again: '',
  began: 0,
  keep: false,
  suggested: { name: '', comment: '' },
  made: null,
  dropped: null,
  chosen: null,
  title: '',
  rules: free,
  path: '',
  uploaded: false,
  old: null,
  foreign: null,
};

export const flow = $state<Flow>({ ...fresh });

/** begin opens one of the pages with nothing in it. */
export function begin(place: Place, more: Partial<Flow> = {}) {
  Object.assign(flow, fresh, { place, server: servers.current?.id ?? '' }, more);
}

/** openRotate opens the page that puts a new key in the place of one of this computer that opens a server. */
export function openRotate(key: AnyKey) {
  begin('rotate', { old: key, path: key.path });
}

/** canRotate tells whether there is a server where a key can be replaced from here. */
export const canRotate = (key: AnyKey) => key.path !== '' && !key.problem && !inToken(key.algorithm) && key.there.length > 0;

/**
 * arrive is when the keys of a server come into view: what was begun for
 * another one is dropped, and of what was to be made only what somebody has
 * typed is kept.
 */
export function arrive(server: string) {
  if (!server || making.busy) return;
  if (flow.server !== server) begin('list');
  if (flow.place !== 'make') return;
  const { kind, suggested, passphrase } = flow;
  const name = flow.name === suggested.name ? '' : flow.name;
  const comment = flow.comment === suggested.comment ? '' : flow.comment;
  if (!name && !comment && !passphrase && kind === fresh.kind) begin('list');
  else Object.assign(flow, { name, comment });
}

/** making makes the key. Somebody may look at another screen meanwhile. */
export const making = action(async () => {
  const { kind, name, comment, passphrase, keep } = flow;
  flow.began = Date.now();
  const made = await listening(() => api.keys.make({ kind, name, comment, passphrase, keep: keep && passphrase !== '' && kind !== tokenKind }));
  begin('ready', { made, title: app.boot?.hostname ?? made.comment, path: made.path });
});
