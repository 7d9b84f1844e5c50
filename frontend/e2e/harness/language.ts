// Stands in for src/lib/i18n/language.svelte.ts, which asks the browser.
import type { Language, LanguageChoice } from '../../src/lib/i18n/language.svelte';

export type { Language, LanguageChoice };

export const languages: Language[] = ['en', 'zh-CN'];

let now: Language = 'en';

export const language = (): Language => now;

/** locale is what the browser of the suite writes numbers and dates by. */
export const locale = (): string => (now === 'en' ? 'en-US' : now);

export function setLanguage(next: LanguageChoice) {
  now = next || 'en';
}
