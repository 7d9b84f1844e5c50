import { untrack } from 'svelte';
import { api, on, type Server } from '$lib/backend';

const now = $state<{ list: Server[]; current: string }>({ list: [], current: '' });

/** The person's servers, as Go last told them, and the one in view. */
export const servers = {
  get list(): readonly Server[] {
    return now.list;
  },
  /** The server in view; null while there is none. */
  get current(): Server | null {
    return servers.get(now.current) ?? now.list[0] ?? null;
  },
  get: (id: string): Server | undefined => now.list.find((s) => s.id === id),
  set(list: Server[]) {
    now.list = list;
  },
  /** put takes in what a call has answered, before the event says the same. */
  put(server: Server) {
    const list = untrack(() => now.list);
    const known = list.some((s) => s.id === server.id);
    now.list = known ? list.map((s) => (s.id === server.id ? server : s)) : [...list, server];
  },
  /** select puts a server in view, and tells Go to remember it. */
  async select(id: string) {
    now.current = id;
    await api.servers.select(id);
  },
  /** begin is what boot does. */
  begin(list: Server[], current: string) {
    now.list = list;
    now.current = current;
  },
  listen: () => on('servers', servers.set),
};
