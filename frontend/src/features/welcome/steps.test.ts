import { expect, test } from 'vitest';
import type { VaultStatus } from '$lib/backend';
import { problemOf } from '$lib/backend/fake';
import { server } from '$lib/backend/samples';
import { stepReached } from './steps';

const none: VaultStatus = { state: 'new', protection: '', openedBy: '', problem: null };
const open: VaultStatus = { state: 'unlocked', protection: 'keyring', openedBy: 'keyring', problem: null };
const unconfirmed = { ...open, problem: problemOf('vault_recovery_unconfirmed') };

test.each([
  ['nothing is there', '', none, [], 'look'],
  ['a language was chosen', 'en', none, [], 'protect'],
  ['the recovery key was not confirmed', 'en', unconfirmed, [], 'protect'],
  ['the command line made the vault', '', unconfirmed, [], 'protect'],
  ['the vault is protected', 'en', open, [], 'place'],
  ["the vault is protected, in the system's language", '', open, [], 'place'],
  ['the vault was set aside', 'en', none, [server], 'protect'],
  ['all is there', 'en', open, [server], 'end'],
] as const)('%s', (_, language, vault, servers, want) => {
  expect(stepReached(language, vault, servers)).toBe(want);
});
