// What a key on a server is limited to: in words, and as the days that people choose.
import type { KeyRules } from '$lib/backend';
import { text } from './text';

/** free is a key without limits. */
export const free: KeyRules = { expiresAt: 0, from: '', readOnly: false, folder: '' };

/** How long a key is to work: always, some days from today, or until a day. */
export type Life = 'never' | '30' | '90' | '365' | 'day';

export const lives: readonly Life[] = ['never', '30', '90', '365', 'day'];

/** trimmed is what is sent of what was typed. */
export const trimmed = (r: KeyRules): KeyRules => ({ ...r, from: r.from.trim(), folder: r.folder.trim() });

/** hasExpired tells whether a key opens nothing any more. */
export const hasExpired = (rules: KeyRules, now: number) => rules.expiresAt !== 0 && rules.expiresAt <= now;

/** lastDay is a moment of the last day on which a key works. */
export const lastDay = (rules: KeyRules) => rules.expiresAt - 1;

/** endIn is the end of the day that many days from now. */
export function endIn(days: number, now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days + 1).getTime();
}

/** endOf is the end of a day such as 2030-12-31, here. For what is none it is long ago, which no server takes. */
export function endOf(day: string): number {
  const [, y = 0, m = 0, d = 0] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day.trim())?.map(Number) ?? [];
  const at = new Date(y, m - 1, d);
  if (!y || at.getMonth() !== m - 1) return 1;
  return new Date(y, m - 1, d + 1).getTime();
}

/** dayOf writes the day of a moment as 2030-12-31. */
export function dayOf(ms: number): string {
  const day = new Date(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/**
 * limits are the words for what a key is limited to; none if it is not. Whether it has expired is a mark of its own. In
 * brief they do not say from which addresses.
 */
export function limits(rules: KeyRules, now: number, brief = false): string[] {
  const words = text.words;
  return [
    rules.readOnly ? words.readOnly : '',
    rules.expiresAt && !hasExpired(rules, now) ? words.until(lastDay(rules)) : '',
    rules.folder && words.folder(rules.folder),
    rules.from && (brief ? words.somewhere : words.from(rules.from.replaceAll(',', ', '))),
  ].filter(Boolean);
}
