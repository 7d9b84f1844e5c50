// What keys are called, and which are weak.
import type { Key, LocalKey, PublicKey } from '$lib/backend';
import { finds } from '$lib/search';
import { text } from './text';

// RSA keys that are shorter are weak; Go says the same of keys that it reads.
const leastRSA = 3072;

const families: [mark: RegExp, name: string][] = [
  // In a security token.
  [/^sk-.*ed25519|ed25519-sk/i, 'Ed25519-SK'],
  [/^sk-.*ecdsa|ecdsa-sk/i, 'ECDSA-SK'],
  [/ed25519/i, 'Ed25519'],
  [/ecdsa/i, 'ECDSA'],
  [/rsa/i, 'RSA'],
  [/dsa|dss/i, 'DSA'],
];

/** kindName writes a kind of key as people know it: "Ed25519", "RSA 4096". It takes any spelling of the kind. */
export function kindName(spelled: string, bits = 0): string {
  const family = families.find(([mark]) => mark.test(spelled))?.[1] ?? spelled;
  const size = bits || Number(/(256|384|521|3072|4096)$/.exec(spelled)?.[1] ?? 0);
  return family === 'Ed25519' || family.endsWith('-SK') || !size ? family : `${family} ${size}`;
}

/** isWeak tells whether a key should not be used any more. */
export function isWeak(key: Pick<PublicKey, 'algorithm' | 'bits'>): boolean {
  return key.algorithm === 'DSA' || (key.algorithm === 'RSA' && key.bits < leastRSA);
}

/** titleOf is what a key is called. AList takes titles of nothing but spaces. */
export function titleOf(key: Pick<Key, 'title'>): string {
  return key.title.trim() || text.untitled;
}

/** freeTitle is a title that no key on the server has yet. */
export function freeTitle(wish: string, keys: readonly Pick<Key, 'title'>[]): string {
  const taken = new Set(keys.map((k) => k.title));
  let title = wish;
  for (let n = 2; taken.has(title); n++) title = `${wish} ${n}`;
  return title;
}

/** A ListedKey is a key of a server, with what this computer knows of it. */
export interface ListedKey extends Key {
  kind: string;
  weak: boolean;
}

/** listed joins the keys of a server with those on this computer, by their fingerprints. */
export function listed(keys: readonly Key[], local: readonly LocalKey[]): ListedKey[] {
  const known = new Map(local.map((l) => [l.fingerprint, l]));
  return keys.map((key) => {
    const here = known.get(key.fingerprint);
    return { ...key, kind: kindName(key.type || (here?.algorithm ?? ''), here?.bits), weak: here ? isWeak(here) : /dss/.test(key.type) };
  });
}

/** matching returns the keys that have each word of a filter in their title, kind or fingerprint. */
export function matching(keys: readonly ListedKey[], filter: string): readonly ListedKey[] {
  const fits = finds(filter);
  return keys.filter((k) => fits(`${k.title}\n${k.kind}\n${k.fingerprint}`));
}
