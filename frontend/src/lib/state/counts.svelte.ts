// How many there are of something on a server, for the sidebar. Screens tell it when they have loaded.
import { SvelteMap } from 'svelte/reactivity';

const known = new SvelteMap<string, number>();

export const counts = {
  get: (screen: string, server: string): number | undefined => known.get(`${screen} ${server}`),
  set: (screen: string, server: string, n: number) => void known.set(`${screen} ${server}`, n),
};
