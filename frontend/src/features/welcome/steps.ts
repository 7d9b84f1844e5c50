import type { Server, VaultStatus } from '$lib/backend';

/** The steps of the first run. `place` has pages of its own. */
export type Step = 'look' | 'protect' | 'place' | 'end';

/** stepReached is where a first run goes on, told from what is there already. */
export function stepReached(language: string, vault: VaultStatus, servers: readonly Server[]): Step {
  if (isProtected(vault)) return servers.length ? 'end' : 'place';
  return language || vault.state !== 'new' ? 'protect' : 'look';
}

/** isProtected tells whether the vault is there, and its recovery key confirmed. */
export function isProtected(vault: VaultStatus): boolean {
  return vault.state === 'unlocked' && vault.problem?.code !== 'vault_recovery_unconfirmed';
}
