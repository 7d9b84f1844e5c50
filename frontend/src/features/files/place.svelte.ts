// Which folder of which server is shown; it outlives the screen.
import { SvelteMap } from 'svelte/reactivity';
import type { Folder } from '$lib/backend';

const paths = new SvelteMap<string, string>();
// What each server told last of a folder, for when it cannot be reached. It is gone with the window.
const last = new SvelteMap<string, Folder>();
const most = 50;
let trash = $state(false);

export const place = {
  path: (server: string): string => paths.get(server) ?? '/',
  go(server: string, path: string) {
    paths.set(server, path);
  },
  /** Whether the trash is shown instead. */
  get trash() {
    return trash;
  },
  showTrash: (shown: boolean) => void (trash = shown),
  remember(whose: string, folder: Folder) {
    const key = `${whose} ${folder.path}`;
    last.delete(key);
    last.set(key, folder);
    const oldest = last.keys().next().value;
    if (last.size > most && oldest !== undefined) last.delete(oldest);
  },
  remembered: (whose: string, path: string): Folder | undefined => last.get(`${whose} ${path}`),
};
