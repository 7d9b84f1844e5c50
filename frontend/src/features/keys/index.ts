export { default as Root } from './Keys.svelte';
