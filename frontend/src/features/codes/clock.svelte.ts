// The one clock of this screen: every countdown and every change of a code follows it.
import { createSubscriber } from 'svelte/reactivity';

/** After a second has begun, so that no timer that is early sees the one before. */
const margin = 3;

let phase = 0;
/** alignTo has the clock tick when codes change: a service's seconds need not begin with this computer's. */
export const alignTo = (until: number) => void (phase = until % 1000);

const subscribe = createSubscriber((update) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const plan = () => (timer = setTimeout(tick, 1000 - ((Date.now() - phase) % 1000) + margin));
  function tick() {
    plan();
    update();
  }
  // It stands still while the window cannot be seen, and is right when it can be again.
  function follow() {
    clearTimeout(timer);
    if (!document.hidden) tick();
  }
  if (!document.hidden) plan();
  document.addEventListener('visibilitychange', follow);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', follow);
  };
});

/** now is the time, once a second. */
export function now(): number {
  subscribe();
  return Date.now();
}
