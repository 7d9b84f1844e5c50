export { default as Root } from './Devices.svelte';
