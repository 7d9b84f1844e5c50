import type { FileDrop, ForeignKey, IntakeNews, OwnStatus, Problem, Server, Settings, Transfer, VaultStatus } from './types';

/** What Go tells the page unasked. */
export interface Events {
  servers: Server[];
  vault: VaultStatus;
  /** When the vault locks by itself, soon; 0: not any more. */
  'vault:locking': number;
  own: OwnStatus;
  settings: Settings;
  codes: null;
  'files:transfers': Transfer[];
  'files:dropped': FileDrop;
  'keys:dropped': { text?: string; foreign?: ForeignKey | null; problem?: Problem };
  /** A security token wants its PIN; again: the one before was wrong. */
  'keys:pin': { again: boolean };
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

/**
 * handOver has Go learn which files were dropped, where only the page gets the drop: on Windows. Elsewhere it does
 * nothing, because Go has them already.
 */
export function handOver(e: DragEvent) {
  window.runtime?.ResolveFilePaths?.(e.x, e.y, [...(e.dataTransfer?.files ?? [])]);
}
