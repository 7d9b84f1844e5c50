import { untrack } from 'svelte';
import { api } from '$lib/backend';

/** The screens beside the sidebar. */
export const screens = ['codes', 'files', 'devices', 'keys', 'account', 'settings', 'servers'] as const;
export type Screen = (typeof screens)[number];

const now = $state<{ name: Screen; before: Screen[] }>({ name: 'devices', before: [] });
const isScreen = (name: string): name is Screen => (screens as readonly string[]).includes(name);

function show(name: Screen) {
  now.name = name;
  // Only a convenience at the next start, so nobody is told if it fails.
  api.shell.saveView(name).catch(() => undefined);
}

/** Which screen is shown. */
export const view = {
  get name(): Screen {
    return now.name;
  },
  go(name: Screen) {
    const { name: here, before } = untrack(() => ({ ...now }));
    if (name === here) return;
    now.before = [...before, here].slice(-20);
    show(name);
  },
  back() {
    const name = now.before.at(-1);
    if (!name) return;
    now.before = now.before.slice(0, -1);
    show(name);
  },
  /** begin is what boot does with the name that was saved. */
  begin(name: string) {
    if (isScreen(name)) now.name = name;
  },
};
