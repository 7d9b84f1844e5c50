// What the palette finds.

/**
 * rank tells how well a title fits what was typed: every word of it begins a
 * word of the title (0), stands in it (1), or its letters do in their order
 * (2). -1: it does not fit.
 */
export function rank(title: string, typed: string): number {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const text = fold(title);
  if (words.every((w) => text.startsWith(w) || text.includes(` ${w}`))) return 0;
  if (words.every((w) => text.includes(w))) return 1;
  return inOrder(text, words.join('')) ? 2 : -1;
}

/** best returns what fits, the best first; what fits alike keeps its order. */
export function best<T>(all: readonly T[], title: (one: T) => string, typed: string): T[] {
  return all
    .map((one) => ({ one, rank: rank(title(one), typed) }))
    .filter((r) => r.rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .map((r) => r.one);
}

const fold = (s: string) => s.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

function inOrder(text: string, letters: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
