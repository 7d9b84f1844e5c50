import { configure } from '@testing-library/svelte';
import { afterEach, beforeEach } from 'vitest';
import { speak } from '$lib/backend/fake';
import { setLanguage } from '$lib/i18n';
import { goSays } from './go';

// As long as a slow machine takes; what is waited for is there at once on others.
configure({ asyncUtilTimeout: 10_000 });

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
