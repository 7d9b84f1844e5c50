// A recovery key is 8 groups of 4 letters and digits. Go decides whether one
// is right; this is about what people type of it.

/** groupsOf takes a recovery key apart. */
export const groupsOf = (key: string): string[] => key.split('-');

/** twoOf picks which two groups a person is asked for, in their order. */
export function twoOf(key: string): [number, number] {
  const n = groupsOf(key).length;
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint32Array(2));
  const first = a % n;
  const second = (first + 1 + (b % Math.max(1, n - 1))) % n;
  return first < second ? [first, second] : [second, first];
}

/** bare is a text without what makes no difference, with look-alikes as Go takes them. */
export function bare(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
}

/** composed is the key with these groups as they were typed; or a whole key, if one was. */
export function composed(key: string, typed: Map<number, string>): string {
  const groups = groupsOf(key);
  for (const [at, text] of typed) {
    if (bare(text).length > 2 * (groups[at]?.length ?? 0)) return text;
    groups[at] = text;
  }
  return groups.join('-');
}
