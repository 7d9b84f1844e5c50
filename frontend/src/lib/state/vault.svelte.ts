import { on, type VaultStatus } from '$lib/backend';

const now = $state<{ status: VaultStatus }>({ status: { state: 'opening', protection: '', openedBy: '', problem: null } });

/** How the vault stands. */
export const vault = {
  get status(): VaultStatus {
    return now.status;
  },
  set(status: VaultStatus) {
    now.status = status;
  },
  listen: () => on('vault', vault.set),
};
