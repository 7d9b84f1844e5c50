import { untrack } from 'svelte';
import { api, type AccountRef, type Problem } from '$lib/backend';
import { action } from '$lib/state';
import { nowBySecond } from '$lib/ui';

/** What the authenticator of this window has for a sign-in. */
export interface Linked {
  /** What it calls the code of the account; '' if it has none. */
  readonly name: string;
  /** The same, once the code in the field comes from there. */
  readonly filled: string;
  /** Until there is a code that was not used; 0: nothing is waited for. */
  readonly waiting: number;
  readonly busy: boolean;
  readonly problem: Problem | null;
  /** take returns a code, which is used with that; '' where it has none, or while one is waited for. */
  take: () => Promise<string>;
  /** drop forgets what was filled in or waited for: the person types. */
  drop: () => void;
}

/** linkedTo asks for the code of an account; `go` is called when one that was waited for can be taken. Call it while a component is made. */
export function linkedTo(account: () => AccountRef, go: () => unknown): Linked {
  const now = $state({ name: '', filled: '', waiting: 0 });
  let code = '';
  const taking = action(async () => {
    ({ code, name: now.filled } = await api.signIn.takeCode(account()));
  });

  // A server that only stands differently is asked about no further time.
  const id = $derived(account().id);
  const username = $derived(account().username);
  $effect(() => {
    let asking = true;
    now.name = '';
    if (username) api.signIn.linked({ id, username }).then((entry) => asking && (now.name = entry), () => undefined);
    return () => (asking = false);
  });
  $effect(() => {
    if (!now.waiting || nowBySecond() < now.waiting) return;
    now.waiting = 0;
    untrack(go);
  });

  return {
    get name() {
      return now.name;
    },
    get filled() {
      return now.filled;
    },
    get waiting() {
      return now.waiting;
    },
    get busy() {
      return taking.busy || now.waiting > 0;
    },
    get problem() {
      return taking.problem;
    },
    async take() {
      if (await taking.run()) return code;
      const { code: why, retryAfter } = taking.problem ?? { code: '', retryAfter: 0 };
      if (why === 'otp_spent') now.waiting = Date.now() + retryAfter * 1000;
      if (why === 'otp_spent' || why === 'otp_not_linked') taking.clear();
      return '';
    },
    drop() {
      now.filled = '';
      now.waiting = 0;
    },
  };
}
