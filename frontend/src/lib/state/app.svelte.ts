import { api, asProblem, on, type Boot, type Events, type Problem } from '$lib/backend';
import { clipboard } from './clipboard.svelte';
import { own } from './own.svelte';
import { presence } from './presence.svelte';
import { servers } from './servers.svelte';
import { settings } from './settings.svelte';
import { vault } from './vault.svelte';
import { view } from './view.svelte';

/** What the window shows as a whole. */
export type Phase = 'starting' | 'failed' | 'welcome' | 'locked' | 'open';

let boot = $state.raw<Boot | null>(null);
let problem = $state.raw<Problem | null>(null);
let welcoming = $state(false);

export const app = {
  /** What Go told at the start: version, system, hostname. */
  get boot(): Boot | null {
    return boot;
  },
  /** Why nothing can be shown, or what is wrong with the data folder. */
  get problem(): Problem | null {
    return problem;
  },
  get phase(): Phase {
    const { state } = vault.status;
    if (!boot || state === '') return problem ? 'failed' : 'starting';
    if (state === 'new') return 'welcome';
    if (state !== 'unlocked') return 'locked';
    return welcoming ? 'welcome' : 'open';
  },
  /** start asks Go for everything, and fills the stores with it. What an event has told meanwhile is newer, and stays. */
  async start() {
    const heard: (keyof Events)[] = [];
    const offs = (['settings', 'vault', 'servers', 'own'] as const).map((event) => on(event, () => heard.push(event)));
    try {
      const told = await api.shell.boot();
      if (!heard.includes('settings')) settings.set(told.settings);
      if (!heard.includes('vault')) vault.set(told.vault);
      servers.begin(heard.includes('servers') ? [...servers.list] : told.servers, told.current);
      if (!heard.includes('own')) own.set(told.own);
      view.begin(told.view);
      problem = told.problem;
      welcoming = told.firstRun;
      boot = told;
    } catch (reason) {
      problem = asProblem(reason);
    } finally {
      offs.forEach((off) => off());
    }
  },
  /** welcomed ends the first run. */
  welcomed() {
    welcoming = false;
  },
  /** listen keeps the stores in step with what Go tells. */
  listen() {
    const offs = [settings, vault, servers, own, clipboard, presence].map((store) => store.listen());
    // Where the vault is set aside while the program runs, the first run begins again,
    // and lasts beyond the moment in which there is a new one.
    const follow = $effect.root(() => {
      $effect(() => {
        if (vault.status.state === 'new') welcoming = true;
      });
    });
    return () => [...offs, follow].forEach((off) => off());
  },
};
