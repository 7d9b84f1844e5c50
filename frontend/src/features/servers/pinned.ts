import type { OwnStatus } from '$lib/backend';

/** What decides a setting in the page's place, such as "LATCHKEY_LAN" or "--http"; empty where nothing does. */
export interface Pinned {
  lan: string;
  http: string;
  sftp: string;
}

/** pinned tells which settings of the own server the page cannot change. */
export function pinned(status: OwnStatus): Pinned {
  return (status as { pinned?: Pinned }).pinned ?? { lan: '', http: '', sftp: '' };
}
