// Whether somebody is there. Go keeps the time and locks the vault; the page
// only says that something was done, because nobody else sees that.
import { api, on } from '$lib/backend';
import { vault } from './vault.svelte';

/** How often Go is told, in milliseconds. */
const every = 5000;
const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'input'] as const;

const now = $state({ locksAt: 0 });
let told = 0;
let pointer: { x: number; y: number } | undefined;

// Browsers tell of moves of a pointer that lies still, when what is under it changes.
function lay(e: Event): boolean {
  if (!(e instanceof MouseEvent) || e.type !== 'pointermove') return false;
  const was = pointer;
  pointer = { x: e.screenX, y: e.screenY };
  return !was || (was.x === pointer.x && was.y === pointer.y);
}

function act(e: Event) {
  if (lay(e)) return;
  // Whatever happens in a window that nobody sees is done by no person.
  if (document.hidden || vault.status.state !== 'unlocked') return;
  if (!now.locksAt && Math.abs(Date.now() - told) < every) return;
  told = Date.now();
  now.locksAt = 0;
  api.shell.active().catch(() => undefined); // then the vault locks, which is the safe side
}

export const presence = {
  /** When the vault locks by itself; 0 while that is not soon. */
  get locksAt(): number {
    return now.locksAt;
  },
  listen() {
    for (const sign of signs) window.addEventListener(sign, act, { capture: true, passive: true });
    const off = on('vault:locking', (at) => (now.locksAt = at));
    return () => {
      off();
      for (const sign of signs) window.removeEventListener(sign, act, { capture: true });
    };
  },
};
