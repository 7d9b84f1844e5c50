export { catalogue } from './catalogue';
export { bytes, clock, date, duration, exact, list, number, plural, relative } from './formats';
export { language, locale, setLanguage, type Language, type LanguageChoice } from './language.svelte';
