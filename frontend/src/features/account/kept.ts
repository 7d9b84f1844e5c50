import { api, asProblem, type Server } from '$lib/backend';
import { say } from '$lib/errors';
import { toasts } from '$lib/state';

/** putAway moves the code that Latchkey has for an account to the trash, from where it can be had back. */
export async function putAway(server: Server, said: string) {
  try {
    const entry = await api.account.trashKept(server.id);
    if (entry) toasts.undoable({ text: said, undo: () => void restore(entry) });
  } catch (reason) {
    toasts.say(say(asProblem(reason)));
  }
}

async function restore(entry: string) {
  try {
    await api.codes.restore([entry]);
  } catch (reason) {
    toasts.say(say(asProblem(reason)));
  }
}
