export { default as Root } from './Welcome.svelte';
