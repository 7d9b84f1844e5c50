// Servers that are off the screen already, while that can still be undone.
import { SvelteSet } from 'svelte/reactivity';
import { api, asProblem, type Server } from '$lib/backend';
import { say } from '$lib/errors';
import { servers, toasts } from '$lib/state';
import { text } from './text';

const leaving = new SvelteSet<string>();

/** known are the servers that are not about to be forgotten. */
export const known = () => servers.list.filter((s) => !leaving.has(s.id));

/** forget takes a server off the screen at once, and off the list in 10 seconds. */
export function forget(server: Server) {
  const wasCurrent = servers.current?.id === server.id;
  leaving.add(server.id);
  const next = known()[0];
  if (wasCurrent && next) void select(next.id);
  toasts.undoable({
    text: text.edit.forgotten(server.name),
    undo: () => {
      leaving.delete(server.id);
      if (wasCurrent) void select(server.id);
    },
    commit: async () => {
      try {
        await api.servers.forget(server.id);
        servers.set(servers.list.filter((s) => s.id !== server.id));
      } catch (reason) {
        toasts.say(say(asProblem(reason)));
      }
      leaving.delete(server.id);
    },
  });
}

/** select puts a server in view. That Go could not write it down is no reason not to. */
export async function select(id: string) {
  try {
    await servers.select(id);
  } catch (reason) {
    toasts.say(say(asProblem(reason)));
  }
}
