import type { Code, CodeEntry } from '$lib/backend';
import { text } from './text';

/** What is shown of an entry's codes at a moment. */
export interface Shown {
  text: string;
  /** The one after it; '' if it is not known yet. */
  next: string;
  step: number;
  /** Seconds that it is good for, rounded up; 0 with HOTP. */
  left: number;
}

/** How many of its periods have gone by since a code was asked for. */
const passed = (code: Code, period: number, now: number) => Math.floor((now - code.until) / (period * 1000)) + 1;

/** stale tells that the next code has taken a code's place, or that the clock was set. */
export const stale = (code: Code | undefined, period: number, now: number) => !code || passed(code, period, now) !== 0;

/** shownAt is the code of a moment. The next one needs no call, and one from before is never shown. */
export function shownAt(code: Code | undefined, period: number, now: number): Shown | null {
  if (!code) return null;
  const { text, next, step, until } = code;
  if (!until) return { text, next, step, left: 0 };
  switch (passed(code, period, now)) {
    case 0:
      return { text, next, step, left: Math.ceil((until - now) / 1000) };
    case 1:
      return next ? { text: next, next: '', step: step + 1, left: Math.ceil((until - now) / 1000 + period) } : null;
    default:
      return null;
  }
}

/** grouped parts a code for reading: 3+3, 4+4, 5 as it is. */
export function grouped(code: string): string[] {
  if (code.length < 6) return [code];
  if (code.length === 9) return [code.slice(0, 3), code.slice(3, 6), code.slice(6)];
  const half = Math.floor(code.length / 2);
  return [code.slice(0, half), code.slice(half)];
}

/** nameOf is what an entry is called in a sentence. */
export const nameOf = (e: Pick<CodeEntry, 'issuer' | 'account'>) =>
  e.issuer && e.account ? `${e.issuer} (${e.account})` : e.issuer || e.account;

/** tagsOf lists the tags that there are, in the order of the alphabet. */
export const tagsOf = (entries: readonly CodeEntry[]) => [...new Set(entries.flatMap((e) => e.tags))].sort((a, b) => a.localeCompare(b));

/** readTags reads what somebody has typed, with commas of either language between. */
export const readTags = (typed: string) => typed.split(/[,，、]/).map((t) => t.trim()).filter(Boolean);

/** leftShort is what fits into a ring: seconds, then minutes, then hours by their symbols. */
export function leftShort(s: number): string {
  if (s < 100) return String(s);
  return s < 6000 ? text.minutes(Math.ceil(s / 60)) : text.hours(Math.ceil(s / 3600));
}
