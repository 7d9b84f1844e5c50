// What can be wrong with a key: how grave it is.
import type { Concern } from '$lib/backend';

const tones: Record<Concern, 'danger' | 'warning' | 'info'> = {
  readable_by_others: 'danger',
  unusable: 'danger',
  dsa: 'danger',
  rsa_short: 'warning',
  no_passphrase: 'warning',
  old: 'info',
  unused: 'info',
  only_on_server: 'info',
};

const isConcern = (said: string): said is Concern => said in tones;

/** concernsOf leaves out what this page has no words for. */
export const concernsOf = (said: readonly string[]): Concern[] => said.filter(isConcern);

/** toneOf is how grave a concern is. */
export const toneOf = (concern: Concern) => tones[concern];

/** isGrave tells whether somebody should do something about it. */
export const isGrave = (said: string): boolean => isConcern(said) && tones[said] !== 'info';
