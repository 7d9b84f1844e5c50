// What a security token wants of the person while a key is made in it.
import { on } from '$lib/backend';

/** The kind of a key that stays in a security token. */
export const tokenKind = 'ed25519-sk';

/** inToken tells by the algorithm of a key whether it stays in one. */
export const inToken = (algorithm: string) => algorithm.endsWith('-SK');

/** `again`: the PIN before was wrong. */
export const token = $state<{ wants: 'touch' | 'pin' | 'again' }>({ wants: 'touch' });

/** listening keeps what the token wants while something is under way. */
export async function listening<T>(work: () => Promise<T>): Promise<T> {
  token.wants = 'touch';
  const off = on('keys:pin', ({ again }) => (token.wants = again ? 'again' : 'pin'));
  try {
    return await work();
  } finally {
    off();
  }
}
