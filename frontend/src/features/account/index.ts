export { default as Root } from './Account.svelte';
