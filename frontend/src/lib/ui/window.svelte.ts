// Which rows of a long list are near what can be seen.
import { untrack } from 'svelte';

/** Fewer rows than this are all drawn. */
const few = 100;
/** Rows beyond what can be seen, so that scrolling finds them drawn. */
const beyond = 12;

export interface Drawn {
  readonly virtual: boolean;
  readonly first: number;
  readonly last: number;
  /** show scrolls until a row can be seen. */
  show: (row: number) => void;
}

/** scroller is the nearest ancestor that scrolls. */
function scroller(of: HTMLElement): HTMLElement {
  for (let e = of.parentElement; e; e = e.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(e).overflowY)) return e;
  }
  return document.documentElement;
}

/** drawn follows the scrolling around `body`, which holds `count` rows that are `tall` px high. */
export function drawn(body: () => HTMLElement | null, count: () => number, tall: () => number): Drawn {
  const virtual = $derived(count() > few);
  const height = $derived(tall());
  let first = $state(0);
  // What a window can show, until it is known what this one does.
  let last = $state(untrack(() => Math.ceil(window.innerHeight / tall())) + beyond);

  function update() {
    const element = body();
    if (!element || !virtual) return;
    const around = scroller(element);
    const above = Math.max(0, around.getBoundingClientRect().top - element.getBoundingClientRect().top);
    first = Math.max(0, Math.floor(above / height) - beyond);
    last = Math.min(count(), Math.ceil((above + (around.clientHeight || window.innerHeight)) / height) + beyond);
  }

  $effect(() => {
    const element = body();
    if (!element || !virtual) return;
    const around = scroller(element);
    const target = around === document.documentElement ? window : around;
    update();
    target.addEventListener('scroll', update, { passive: true });
    window.addEventListener('resize', update);
    return () => {
      target.removeEventListener('scroll', update);
      window.removeEventListener('resize', update);
    };
  });

  return {
    get virtual() {
      return virtual;
    },
    get first() {
      return virtual ? first : 0;
    },
    get last() {
      return virtual ? Math.min(last, count()) : count();
    },
    show(row) {
      const element = body();
      if (!element || !virtual) return;
      const around = scroller(element);
      const top = element.getBoundingClientRect().top - around.getBoundingClientRect().top + row * height;
      // A header stays in place above the rows, hence twice the height.
      if (top < 2 * height) around.scrollTop += top - 2 * height;
      else if (top + height > around.clientHeight) around.scrollTop += top + height - around.clientHeight;
      update();
    },
  };
}
