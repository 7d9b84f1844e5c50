export { default as Root } from './LockScreen.svelte';
export { default as ProtectVault } from './ProtectVault.svelte';
export { default as VaultProtection } from './VaultProtection.svelte';
