import { afterEach, beforeEach } from 'vitest';
import { speak } from '$lib/backend/fake';
import { setLanguage } from '$lib/i18n';
import { goSays } from './go';

// Each test begins in English and without Go; fakeBackend() puts one there,
// which says what Go says.
speak((code) => goSays().get(code) ?? '');
beforeEach(() => {
  setLanguage('en');
});
afterEach(() => {
  delete window.go;
  delete window.runtime;
});
