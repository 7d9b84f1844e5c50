import { afterEach, beforeEach } from 'vitest';
import { setLanguage } from '$lib/i18n';

// Each test begins in English and without Go; fakeBackend() puts one there.
beforeEach(() => {
  setLanguage('en');
});
afterEach(() => {
  delete window.go;
  delete window.runtime;
});
