export { default as Root } from './Settings.svelte';
