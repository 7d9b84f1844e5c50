import type { Component } from 'svelte';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import Camera from '@lucide/svelte/icons/camera';
import ClipboardPaste from '@lucide/svelte/icons/clipboard-paste';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Monitor from '@lucide/svelte/icons/monitor';
import { api } from '$lib/backend';
import { intake } from './intake.svelte';
import { text } from './text';

/** One way in: a button below the drop area. `panel` is a part of the surface that it opens. */
export interface Way {
  id: 'files' | 'paste' | 'screen' | 'camera' | 'type';
  icon: Component<{ size?: number; strokeWidth?: number }>;
  title: () => string;
  panel?: 'camera' | 'type';
  run?: () => unknown;
}

export const ways: Way[] = [
  { id: 'files', icon: FolderOpen, title: () => text.ways.files, run: () => intake.take(api.intake.pickFiles) },
  { id: 'paste', icon: ClipboardPaste, title: () => text.ways.paste, run: () => intake.take(api.intake.paste) },
  { id: 'screen', icon: Monitor, title: () => text.ways.screen, run: () => intake.take(api.intake.screen) },
  { id: 'camera', icon: Camera, title: () => text.ways.camera, panel: 'camera' },
  { id: 'type', icon: Keyboard, title: () => text.ways.type, panel: 'type' },
];
