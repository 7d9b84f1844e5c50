import { createSubscriber } from 'svelte/reactivity';

// ticking is a clock that markup can read. It runs only while something on the
// screen reads it and the window can be seen.
function ticking(every: number): () => number {
  const subscribe = createSubscriber((update) => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const follow = () => {
      clearInterval(timer);
      timer = document.hidden ? undefined : setInterval(update, every);
      update();
    };
    timer = document.hidden ? undefined : setInterval(update, every);
    document.addEventListener('visibilitychange', follow);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', follow);
    };
  });
  return () => {
    subscribe();
    return Date.now();
  };
}

/** nowByMinute is the time, for what says "4 minutes ago". */
export const nowByMinute = ticking(30_000);
/** nowBySecond is the time, for what counts down. */
export const nowBySecond = ticking(1000);
