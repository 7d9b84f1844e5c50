import { locale } from '$lib/i18n';

/** toTheSecond is a time of the day for comparing: "14:02:31". */
export function toTheSecond(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(ms);
}
