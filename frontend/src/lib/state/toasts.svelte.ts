import { untrack } from 'svelte';

// What is said for a moment at the bottom of the window, and what can be undone from there.

export interface Toast {
  id: number;
  text: string;
  /** Takes it back. */
  undo?: () => void;
  /** Does it for good, when the time to undo is over. */
  commit?: () => unknown;
  /** When what it tells of happens: it stays until then, and the seconds are shown. */
  until?: number;
}

const SECOND = 1000;
const list = $state<Toast[]>([]);
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing on the screen reads it
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let last = 0;

function start(toast: Toast) {
  clearTimeout(timers.get(toast.id));
  const wait = toast.until ? toast.until - Date.now() : (toast.undo ? 10 : 5) * SECOND;
  timers.set(toast.id, setTimeout(() => toasts.close(toast), wait));
}

function remove(toast: Toast): boolean {
  const at = list.findIndex((t) => t.id === toast.id);
  if (at < 0) return false;
  list.splice(at, 1);
  clearTimeout(timers.get(toast.id));
  timers.delete(toast.id);
  return true;
}

function add(toast: Omit<Toast, 'id'>) {
  const made = { ...toast, id: ++last };
  // Whoever says something in an effect does not depend on what is said.
  untrack(() => list.push(made));
  start(made);
  return made;
}

export const toasts = {
  get list(): readonly Toast[] {
    return list;
  },
  /** say shows a sentence for 5 seconds. */
  say: (text: string) => void add({ text }),
  /**
   * undoable gives 10 seconds to take something back. The caller has taken it
   * off the screen already; `commit` does it, unless `undo` came first. What is
   * done already has none.
   */
  undoable: (toast: { text: string; commit?: () => unknown; undo: () => void }) => add(toast),
  /** foretell says that something happens at a time, until the function that it returns is called. */
  foretell(toast: { text: string; until: number }): () => void {
    const made = add(toast);
    return () => toasts.close(made);
  },
  undo(toast: Toast) {
    if (remove(toast)) toast.undo?.();
  },
  /** close ends a toast now, which commits what it could have undone. */
  close(toast: Toast) {
    if (remove(toast)) toast.commit?.();
  },
  /** settle commits everything at once: the window locks or closes. */
  settle() {
    for (const toast of [...list]) toasts.close(toast);
  },
  /** hold stops the clock of a toast while somebody reads or reaches it. */
  hold: (toast: Toast) => clearTimeout(timers.get(toast.id)),
  release: (toast: Toast) => {
    if (timers.has(toast.id)) start(toast);
  },
};
