export { catalogue } from './catalogue';
export { clock, clockSeconds, countdown, date, duration, exact, list, number, plural, relative, spaced } from './formats';
export { language, locale, setLanguage, type Language, type LanguageChoice } from './language.svelte';
