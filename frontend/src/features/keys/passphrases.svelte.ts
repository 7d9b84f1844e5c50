// The passphrases of a file and of its copy, as they are typed.
import type { Problem } from '$lib/backend';
import { say } from '$lib/errors';

/** shutOut is what the field of a passphrase says when that does not open the key. */
export const shutOut = (problem: Problem | null) =>
  problem?.code === 'ssh_passphrase_wrong' || problem?.code === 'ssh_passphrase_needed' ? say(problem) : undefined;

export class Passphrases {
  old = $state('');
  same = $state(true);
  fresh = $state('');
  again = $state('');
  #refused = $state('');
  readonly #both = $derived(JSON.stringify([this.fresh, this.again]));

  /** The two that were typed for the copy are not the same; known once that was checked. */
  get differs() {
    return this.#refused !== '' && this.#refused === this.#both;
  }

  /** of returns what the copy gets, or undefined where the two differ. */
  of(encrypted: boolean): string | undefined {
    if (encrypted && this.same) return this.old;
    this.#refused = this.fresh && this.fresh !== this.again ? this.#both : '';
    return this.#refused ? undefined : this.fresh;
  }
}
