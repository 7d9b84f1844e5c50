// Giving an entry another place: by the menu, by Alt and the arrows, and by the pointer.
import type { HTMLAttributes } from 'svelte/elements';
import type { CodeEntry } from '$lib/backend';

interface Moves {
  list: () => readonly CodeEntry[];
  /** Nothing can be moved now. */
  held: () => boolean;
  /** move is told of the new place among those that are as pinned, and how the list looks then. */
  move: (e: CodeEntry, to: number, list: CodeEntry[]) => void;
}

/** mover moves entries among those that are as pinned as they are. */
export function mover({ list, held, move }: Moves) {
  let dragged = $state.raw<CodeEntry | null>(null);
  let over = $state('');

  const group = (e: CodeEntry) => list().filter((other) => other.pinned === e.pinned);
  const at = (e: CodeEntry, among = group(e)) => among.findIndex((other) => other.id === e.id);
  const can = (e: CodeEntry, by: number) => !held() && group(e)[at(e) + by] !== undefined;

  function to(e: CodeEntry, place: number) {
    const rest = group(e).filter((other) => other.id !== e.id);
    const moved = [...rest.slice(0, place), e, ...rest.slice(place)];
    const others = list().filter((other) => other.pinned !== e.pinned);
    move(e, place, e.pinned ? [...moved, ...others] : [...others, ...moved]);
  }
  function end() {
    dragged = null;
    over = '';
  }

  return {
    can,
    /** by moves an entry up (-1) or down (1). */
    by(e: CodeEntry, by: number) {
      if (can(e, by)) to(e, at(e) + by);
    },
    /** attributes make a row one that can be dragged, and dropped on. */
    attributes(row: CodeEntry): HTMLAttributes<HTMLDivElement> & Record<`data-${string}`, string | undefined> {
      const down = dragged && at(dragged) < at(row);
      const drop = dragged?.id === row.id ? 'held' : over === row.id ? (down ? 'after' : 'before') : undefined;
      return {
        draggable: !held(),
        'data-drop': drop,
        ondragstart: (e) => {
          dragged = row;
          e.dataTransfer?.setData('text/plain', ''); // some browsers drag nothing that has no data
        },
        ondragover: (e) => {
          if (dragged?.pinned !== row.pinned) return;
          e.preventDefault();
          over = row.id;
        },
        ondrop: (e) => {
          if (dragged?.pinned !== row.pinned) return;
          e.preventDefault();
          if (dragged.id !== row.id) to(dragged, at(row));
          end();
        },
        ondragend: end,
      };
    },
  };
}
