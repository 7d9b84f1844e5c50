// Where somebody is on this screen. It outlives the screen, so that another one
// in between loses nothing.
import { api, asProblem } from '$lib/backend';
import { say } from '$lib/errors';
import { toasts } from '$lib/state';
import { text } from './text';

/** How codes come in. */
export type Start = 'files' | 'paste' | 'screen' | 'camera' | 'type';

type Flow = { place: 'list' | 'trash' } | { place: 'add'; start?: Start } | { place: 'export'; ids: string[] };

const now = $state<{ flow: Flow }>({ flow: { place: 'list' } });
let latest: string[] = [];

export const flow = {
  get now(): Flow {
    return now.flow;
  },
  /** go shows the list, or one of the pages that take its place. */
  go(to: Flow) {
    now.flow = to;
  },
};

/** added is when codes have come in: the list shows them, and for a while they can be taken back. */
export function added(ids: string[]) {
  flow.go({ place: 'list' });
  if (ids.length === 0) return;
  latest = ids;
  toasts.undoable({ text: text.added(ids.length), undo: () => void takeBack(ids) });
}

// Go takes back the last addition as a whole. Of one before it only the trash is left.
async function takeBack(ids: string[]) {
  try {
    await (ids === latest ? api.codes.undoAdd() : api.codes.delete(ids));
  } catch (reason) {
    toasts.say(say(asProblem(reason)));
  }
}
