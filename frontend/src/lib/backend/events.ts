import type { IntakeNews, OwnStatus, Problem, Server, Settings, VaultStatus } from './types';

/** What Go tells the page unasked. */
export interface Events {
  servers: Server[];
  vault: VaultStatus;
  /** When the vault locks by itself, soon; 0: not any more. */
  'vault:locking': number;
  own: OwnStatus;
  settings: Settings;
  codes: null;
  'keys:dropped': { text?: string; problem?: Problem };
  intake: IntakeNews;
  'intake:reading': null;
  'close:ask': null;
  command: string;
  'clipboard:cleared': null;
}

/** on calls fn at each such event, until the function that it returns is called. */
export function on<E extends keyof Events>(event: E, fn: (value: Events[E]) => void): () => void {
  return window.runtime?.EventsOn(event, (value) => fn(value as Events[E])) ?? (() => undefined);
}
