import CircleAlert from '@lucide/svelte/icons/circle-alert';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import Info from '@lucide/svelte/icons/info';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';

/** What a notice is about. Each has a shape and a word besides its colour. */
export type Tone = 'info' | 'success' | 'warning' | 'danger';
export const shapes = { info: Info, success: CircleCheck, warning: TriangleAlert, danger: CircleAlert };
