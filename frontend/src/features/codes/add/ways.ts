import type { Component } from 'svelte';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import Keyboard from '@lucide/svelte/icons/keyboard';
import { api } from '$lib/backend';
import { intake } from './intake.svelte';
import { text } from './text';

/** One way in: a button below the drop area. `panel` is a part of the surface that it opens. */
export interface Way {
  id: 'files' | 'paste' | 'screen' | 'camera' | 'type';
  icon: Component<{ size?: number; strokeWidth?: number }>;
  title: () => string;
  panel?: 'type';
  run?: () => unknown;
}

export const ways: Way[] = [
  { id: 'files', icon: FolderOpen, title: () => text.ways.files, run: () => intake.take(api.intake.pickFiles) },
  { id: 'type', icon: Keyboard, title: () => text.ways.type, panel: 'type' },
];
