export { default as Overlay } from './Closing.svelte';
