// Dialogs that are open, the uppermost last. Escape is for that one, and what is
// said for a moment is shown in it, because nothing outside can be reached.
import { untrack } from 'svelte';

let list = $state.raw<readonly HTMLElement[]>([]);

export const opened = {
  get top(): HTMLElement | undefined {
    return list.filter((dialog) => dialog.isConnected).at(-1);
  },
  /** follow is called when the page around them was taken away, where they are in nobody's way, or put back. */
  follow() {
    list = [...list];
    for (const dialog of list) {
      if (!(dialog instanceof HTMLDialogElement) || !dialog.isConnected || dialog.matches(':modal')) continue;
      dialog.removeAttribute('open');
      dialog.showModal();
    }
  },
  /** push puts a dialog on top, until the function that it returns is called. */
  push(dialog: HTMLElement): () => void {
    list = [...untrack(() => list), dialog];
    return () => {
      list = list.filter((d) => d !== dialog);
    };
  },
};
