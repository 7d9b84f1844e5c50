// The language of the page. '' follows the system.

export type Language = 'en' | 'zh-CN';
export type LanguageChoice = '' | Language;

const chosen = $state<{ language: LanguageChoice; system: Language }>({ language: '', system: fromSystem() });

function fromSystem(): Language {
  return /^zh\b/i.test(navigator.language) ? 'zh-CN' : 'en';
}

function tellDocument() {
  document.documentElement.lang = language();
}

/** language is the one that texts are in now. Reading it in markup keeps the markup current. */
export function language(): Language {
  return chosen.language || chosen.system;
}

/** locale is what numbers and dates are written by: the person's own English, or Chinese. */
export function locale(): string {
  const now = language();
  return navigator.language.toLowerCase().startsWith(now.slice(0, 2)) ? navigator.language : now;
}

/** setLanguage changes every text that is on the screen. */
export function setLanguage(next: LanguageChoice) {
  chosen.language = next;
  tellDocument();
}

window.addEventListener('languagechange', () => {
  chosen.system = fromSystem();
  tellDocument();
});
tellDocument();
