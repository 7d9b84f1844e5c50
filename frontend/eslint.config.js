import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const wailsOnlyInBackend = {
  patterns: [{ group: ['**/wailsjs/**'], message: 'Only src/lib/backend talks to Wails.' }],
};
const featuresAlone = {
  patterns: [
    ...wailsOnlyInBackend.patterns,
    { regex: '^\\.\\./\\.\\.?/', message: 'A feature imports $lib and its own folder, nothing else.' },
    { regex: '^\\.\\./(?!\\.\\.)[a-z]+(/|$)', message: 'A feature does not import another feature.' },
  ],
};

export default defineConfig(
  globalIgnores(['dist/', 'wailsjs/', 'node_modules/']),
  tseslint.configs.strictTypeChecked,
  svelte.configs.recommended,
  {
    languageOptions: {
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'no-restricted-globals': ['error', { name: 'fetch', message: 'The page calls no network: see src/lib/backend.' }],
      'no-restricted-imports': ['error', wailsOnlyInBackend],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A call that answers nothing is Promise<void>, and method<[], void> says so.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Stores are plain objects, whose methods do not use this.
      '@typescript-eslint/unbound-method': 'off',
      // Handlers that start a call are written as onclick={save}.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser, svelteConfig } },
    rules: {
      // The compiler checks these, and knows what a rune is.
      'prefer-const': 'off',
      '@typescript-eslint/no-useless-default-assignment': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      // The parser sees any in markup where svelte-check knows the type.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: ['src/lib/backend/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['src/features/**'], rules: { 'no-restricted-imports': ['error', featuresAlone] } },
  // Tests are other devices, which call the server.
  { files: ['e2e/**'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
);
