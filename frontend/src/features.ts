// The table of features: name -> its components. What the window puts together
// is what the features' index.ts export under these names.
import type { Component } from 'svelte';

interface Feature {
  /** Its screen: beside the sidebar, or the whole window (welcome, vault). */
  Root?: Component<{ panels?: Component[] }>;
  /** Always there, and shows itself when it is needed: the palette, the sign-in sheet, a question. */
  Overlay?: Component;
  /** What the settings show of it. */
  Panel?: Component;
  /** The top of the sidebar (servers). */
  Switcher?: Component;
}

const found = import.meta.glob<Feature>('./features/*/index.ts', { eager: true });

export const features: Partial<Record<string, Feature>> = {};
for (const [path, feature] of Object.entries(found)) features[path.split('/')[2] ?? ''] = feature;

export const overlays = Object.values(features).flatMap((f) => (f?.Overlay ? [f.Overlay] : []));
export const panels = Object.values(features).flatMap((f) => (f?.Panel ? [f.Panel] : []));
