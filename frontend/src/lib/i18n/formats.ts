import { language, locale } from './language.svelte';

// Making a formatter costs more than using it, so each is made once per locale.
const made = new Map<string, unknown>();

function once<T>(kind: string, make: (locale: string) => T): T {
  const key = `${kind} ${locale()}`;
  if (!made.has(key)) made.set(key, make(locale()));
  return made.get(key) as T;
}

/** spaced puts the space between Chinese and Latin letters or digits that good setting has: Intl writes 4分钟前. */
export function spaced(text: string): string {
  return text
    .replace(/([\p{Script=Latin}\d])(?=\p{Script=Han})/gu, '$1 ')
    .replace(/(\p{Script=Han})(?=[\p{Script=Latin}\d])/gu, '$1 ');
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** plural picks the form for n: Chinese needs `other` only. */
export function plural(n: number, forms: { one?: string; other: string }): string {
  const rule = once(`plural ${language()}`, () => new Intl.PluralRules(language())).select(n);
  return (rule === 'one' ? forms.one : undefined) ?? forms.other;
}

export function number(n: number): string {
  return once('number', (l) => new Intl.NumberFormat(l)).format(n);
}

/** list joins words: "a, b and c". */
export function list(words: string[]): string {
  return spaced(once('list', (l) => new Intl.ListFormat(l, { type: 'conjunction' })).format(words));
}

/** exact is a moment in full, with the seconds and the time zone. */
export function exact(ms: number): string {
  return once('exact', (l) => new Intl.DateTimeFormat(l, { dateStyle: 'full', timeStyle: 'long' })).format(ms);
}

/** date is a day: "12 November 2026". */
export function date(ms: number): string {
  return once('date', (l) => new Intl.DateTimeFormat(l, { dateStyle: 'long' })).format(ms);
}

/** clock is a time of the day: "14:02". */
export function clock(ms: number): string {
  return once('clock', (l) => new Intl.DateTimeFormat(l, { timeStyle: 'short' })).format(ms);
}

/** clockSeconds is a time of the day for comparing: "14:02:31". */
export function clockSeconds(ms: number): string {
  return once('clockSeconds', (l) => new Intl.DateTimeFormat(l, { timeStyle: 'medium' })).format(ms);
}

/** countdown is a time to wait that is being counted: "4:32". */
export function countdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/**
 * relative is a moment as seen from now: "4 minutes ago", "yesterday", and after a month its date. What is to come is
 * rounded: what was just set to be over in 7 days is not said to be over in 6.
 */
export function relative(ms: number, now: number): string {
  const past = ms - now;
  const far = Math.abs(past);
  const say = (n: number, unit: Intl.RelativeTimeFormatUnit) =>
    spaced(once('relative', (l) => new Intl.RelativeTimeFormat(l, { numeric: 'auto' })).format(past > 0 ? Math.round(n) : Math.trunc(n), unit));
  if (far < MINUTE) return say(0, 'second');
  if (far < HOUR) return say(past / MINUTE, 'minute');
  if (far < DAY) return say(past / HOUR, 'hour');
  if (far < 30 * DAY) return say(past / DAY, 'day');
  return date(ms);
}

/** duration is a time to wait: "45 seconds", "5 minutes", "2 hours"; rounded up. */
export function duration(seconds: number): string {
  const [n, unit] =
    seconds < 90 ? [seconds, 'second'] : seconds < 5400 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour'];
  const format = once(`duration ${unit}`, (l) => new Intl.NumberFormat(l, { style: 'unit', unit, unitDisplay: 'long' }));
  return spaced(format.format(Math.max(1, Math.ceil(n))));
}
