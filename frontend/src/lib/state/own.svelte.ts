import { on, type OwnStatus } from '$lib/backend';

const now = $state<{ status: OwnStatus | null }>({ status: null });

/** How the server on this computer stands; null before boot. */
export const own = {
  get status(): OwnStatus | null {
    return now.status;
  },
  set(status: OwnStatus) {
    now.status = status;
  },
  listen: () => on('own', own.set),
};
