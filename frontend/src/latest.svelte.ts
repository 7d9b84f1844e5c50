import type { Component } from 'svelte';

/**
 * latest shows what was asked for last: until it is loaded, what was shown
 * before stays. Call it while a component is made.
 */
export function latest<K extends string>(wanted: () => K, table: Partial<Record<K, () => Promise<{ default: Component }>>>) {
  let shown = $state.raw<{ of: K; Component: Component }>();
  const loads = $derived(table[wanted()]);

  /** settle loads what is wanted now; the caller waits until it is shown. */
  async function settle() {
    const of = wanted();
    const { default: Component } = (await table[of]?.()) ?? {};
    if (Component && of === wanted()) shown = { of, Component };
  }
  $effect(() => {
    if (loads) void settle();
  });
  return {
    get shown() {
      return shown;
    },
    settle,
  };
}
