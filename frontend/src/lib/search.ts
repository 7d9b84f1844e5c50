// What the boxes above long lists look for.

/** finds makes a test of a filter: each of its words must stand somewhere in a text, in any case. */
export function finds(filter: string): (text: string) => boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return (text) => {
    const all = text.toLowerCase();
    return words.every((word) => all.includes(word));
  };
}
