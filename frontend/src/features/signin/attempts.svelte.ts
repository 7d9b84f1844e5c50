// How many sign-ins have failed, and until when a server takes none. It outlives
// the form, because closing that does not make a server forget.
import { SvelteMap } from 'svelte/reactivity';
import type { Problem, Server } from '$lib/backend';

/** So many failures in a row lock sign-ins on the servers that are known. */
const limit = 5;
/** How long Latchkey takes none after that. It forgets no failure by itself, so its count is known here. */
const lock = 5 * 60_000;
const known: readonly Server['kind'][] = ['Latchkey', 'AList', 'OpenList'];

interface Tally {
  failures: number;
  /** In milliseconds; 0 if there is no lock. */
  until: number;
}
const tallies = new SvelteMap<string, Tally>();

// Latchkey counts by account; the others count whatever comes from one address.
const keyOf = (server: Server, username: string) =>
  server.kind === 'Latchkey' ? `${server.id} ${username.trim().toLowerCase()}` : server.id;

/** fails tells whether a server counts a refusal. AList counts a missing code too. */
export function fails(server: Server, problem: Problem): boolean {
  return (
    ['credentials_wrong', 'code_wrong'].includes(problem.code) || (problem.code === 'code_needed' && server.kind !== 'Latchkey')
  );
}

export const attempts = {
  /** How many more may fail; null before the first failure, and where nobody knows. */
  left(server: Server, username: string): number | null {
    const { failures } = tallies.get(keyOf(server, username)) ?? { failures: 0 };
    return failures && known.includes(server.kind) ? Math.max(0, limit - failures) : null;
  },
  /** When the server takes sign-ins again; 0 if it does. */
  until: (server: Server, username: string): number =>
    Math.max(server.lockedUntil, tallies.get(keyOf(server, username))?.until ?? 0),
  failed(server: Server, username: string, problem: Problem) {
    const key = keyOf(server, username);
    const { failures, until } = tallies.get(key) ?? { failures: 0, until: 0 };
    const wait = problem.retryAfter * 1000;
    if (problem.code === 'too_many_attempts') tallies.set(key, { failures: 0, until: wait && Date.now() + wait });
    else if (fails(server, problem)) {
      const now = until && until <= Date.now() ? 1 : failures + 1; // after a lock it begins anew
      const full = server.kind === 'Latchkey' && now >= limit;
      tallies.set(key, { failures: now, until: full ? Date.now() + lock : 0 });
    }
  },
  succeeded: (server: Server, username: string) => void tallies.delete(keyOf(server, username)),
};
