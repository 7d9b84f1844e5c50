import { untrack } from 'svelte';
import { api, on, type Settings } from '$lib/backend';
import { setLanguage } from '$lib/i18n';

const now = $state<{ value: Settings }>({
  value: {
    language: '',
    theme: '',
    clipboardSeconds: 30,
    startWithComputer: false, lockMinutes: 15, keyMonths: 12,
    closing: 'ask',
    nextCode: true,
    hideCodes: false,
    clockServer: '',
    clockAhead: 0,
  },
});
const dark = window.matchMedia('(prefers-color-scheme: dark)');

function apply() {
  const { language, theme } = untrack(() => now.value);
  setLanguage(language);
  document.documentElement.dataset['theme'] = theme || (dark.matches ? 'dark' : 'light');
}

export const settings = {
  get value(): Settings {
    return now.value;
  },
  set(value: Settings) {
    now.value = value;
    apply();
  },
  /** save changes some of them, on the screen at once; if Go refuses, it rejects and they are as before. */
  async save(change: Partial<Settings>) {
    const before = now.value;
    settings.set({ ...before, ...change });
    try {
      settings.set(await api.settings.save(now.value));
    } catch (reason) {
      settings.set(before);
      throw reason;
    }
  },
  listen() {
    apply();
    dark.addEventListener('change', apply);
    const off = on('settings', settings.set);
    return () => {
      dark.removeEventListener('change', apply);
      off();
    };
  },
};
