import { asProblem, type Problem } from '$lib/backend';
import { say, wantsSignIn } from '$lib/errors';
import { servers } from './servers.svelte';
import { signIn } from './signin.svelte';

/** What a button or a form does, with what became of it. */
export interface Action<A extends unknown[]> {
  readonly busy: boolean;
  readonly problem: Problem | null;
  /** run does it, unless it is under way (or after that, for one that takes turns); true if it succeeded. */
  run: (...values: A) => Promise<boolean>;
  clear: () => void;
  /** at is the sentence for a field, if the problem is there. */
  at: (field: string) => string | undefined;
  /** rest is the problem, if it belongs to none of these fields. */
  rest: (...fields: string[]) => Problem | null;
}

/**
 * action makes one of a function that calls the api. If the server has signed
 * this device out meanwhile, the sign-in sheet opens over the screen. A second
 * press while it is under way is none; with `turns` it is done after the first,
 * because each choice of a setting counts.
 */
export function action<A extends unknown[]>(work: (...values: A) => Promise<unknown>, { turns = false } = {}): Action<A> {
  const now = $state<{ busy: boolean; problem: Problem | null }>({ busy: false, problem: null });
  let last = Promise.resolve(true);

  async function attempt(values: A): Promise<boolean> {
    now.busy = true;
    now.problem = null;
    try {
      await work(...values);
      return true;
    } catch (reason) {
      const problem = asProblem(reason);
      now.problem = problem;
      if (wantsSignIn(problem) && servers.current) signIn.ask(servers.current.id);
      return false;
    } finally {
      now.busy = false;
    }
  }
  return {
    get busy() {
      return now.busy;
    },
    get problem() {
      return now.problem;
    },
    run(...values) {
      if (now.busy && !turns) return Promise.resolve(false);
      return (last = now.busy ? last.then(() => attempt(values)) : attempt(values));
    },
    clear: () => (now.problem = null),
    at: (field) => (now.problem?.field === field ? say(now.problem) : undefined),
    rest: (...fields) => (now.problem && !fields.includes(now.problem.field) ? now.problem : null),
  };
}
