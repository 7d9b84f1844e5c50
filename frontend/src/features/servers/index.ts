export { default as Root } from './Servers.svelte';
export { default as Overlay } from './TrustSheet.svelte';
export { default as Switcher } from './ServerSwitcher.svelte';
export { default as ServerSwitcher } from './ServerSwitcher.svelte';
export { default as ConnectServer } from './ConnectServer.svelte';
export { default as OwnServer } from './OwnServer.svelte';
export { default as ServerSettings } from './ServerSettings.svelte';
