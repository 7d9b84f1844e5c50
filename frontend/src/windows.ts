// What the window shows as a whole, and its screens. Each is loaded when it is
// first needed, so that the window is there before the other screens are read.
import type { Component } from 'svelte';
import type { Phase, Screen } from '$lib/state';

type Loaded = Promise<{ default: Component }>;

export const windows: Partial<Record<Phase, () => Loaded>> = {
  welcome: () => import('./FirstRun.svelte'),
  locked: () => import('./features/vault/LockScreen.svelte'),
  open: () => import('./Shell.svelte'),
};

export const screens: Record<Screen, () => Loaded> = {
  codes: () => import('./features/codes/Codes.svelte'),
  files: () => import('./features/files/Files.svelte'),
  devices: () => import('./features/devices/Devices.svelte'),
  keys: () => import('./features/keys/Keys.svelte'),
  account: () => import('./features/account/Account.svelte'),
  settings: () => import('./SettingsScreen.svelte'),
  servers: () => import('./features/servers/Servers.svelte'),
};
