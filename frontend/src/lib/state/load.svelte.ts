import { untrack } from 'svelte';
import { asProblem, type Problem } from '$lib/backend';
import { wantsSignIn } from '$lib/errors';
import { servers } from './servers.svelte';
import { signIn } from './signin.svelte';
import { vault } from './vault.svelte';

/** The data of a screen. */
export interface Loaded<T> {
  /** What was loaded last, also while it is loaded again or that has failed. */
  readonly data: T | undefined;
  readonly problem: Problem | null;
  /** A call is under way. */
  readonly loading: boolean;
  /** When the data was loaded; 0 before. */
  readonly asOf: number;
  /** It was loaded half a minute ago or more: who comes back to the window gets it anew. */
  readonly stale: boolean;
  refresh: () => Promise<void>;
  /** change alters the data on the screen, as after a row was taken away. */
  change: (alter: (data: T) => T) => void;
}

/**
 * load keeps the data of a screen. `key` is what the data belongs to, usually
 * the id of a server; '' is nothing to load. Another key drops the data. The
 * server of that id being signed in again loads it anew. Call it while a
 * component is made.
 */
export function load<T>(key: () => string, fetch: (key: string) => Promise<T>): Loaded<T> {
  let data = $state.raw<T>();
  let problem = $state.raw<Problem | null>(null);
  let loading = $state(false);
  let asOf = $state(0);
  let turn = 0;

  async function refresh() {
    const of = untrack(key);
    const mine = ++turn;
    loading = of !== '';
    if (!of) return;
    try {
      const got = await fetch(of);
      if (mine !== turn) return; // another key, or a later refresh
      data = got;
      asOf = Date.now();
      problem = null;
    } catch (reason) {
      if (mine !== turn) return;
      problem = asProblem(reason);
      // Who knows of being signed out is not asked at each screen; who has just been signed out is.
      if (wantsSignIn(problem) && problem.code !== 'not_signed_in' && servers.get(of)) signIn.ask(of);
    }
    loading = false;
  }

  let held: string | undefined;
  // Behind the lock screen nothing is loaded; what is there after that may be old.
  const signedIn = $derived(vault.status.state !== 'locked' && servers.get(key())?.state === 'signed_in');
  $effect(() => {
    const next = key();
    const reached = signedIn;
    untrack(() => {
      if (held === next) {
        if (reached) void refresh();
        return;
      }
      held = next;
      data = undefined;
      problem = null;
      asOf = 0;
      void refresh();
    });
  });
  $effect(() => () => {
    turn++;
  });

  return {
    get data() {
      return data;
    },
    get problem() {
      return problem;
    },
    get loading() {
      return loading;
    },
    get asOf() {
      return asOf;
    },
    get stale() {
      return asOf !== 0 && Date.now() - asOf > 30_000;
    },
    refresh,
    change(alter) {
      if (data !== undefined) data = alter(data);
    },
  };
}
