// Everything that can be done by name or by keys. Screens register what they
// can do while they are shown; the palette and the list of shortcuts read it.
import { untrack } from 'svelte';
import { composing } from './keyboard';

export interface Command {
  /** The application menu of Go uses the same: 'add', 'search', 'lock', 'settings', 'shortcuts', 'palette', 'view:devices'. */
  id: string;
  /** A function, so that it follows the language. */
  title: () => string;
  /** Such as 'Mod+K', 'F1' or '?'. Mod is Cmd on a Mac and Ctrl elsewhere. */
  keys?: string[];
  run: () => unknown;
  /** Left out of the palette, as the palette itself. */
  hidden?: boolean;
}

const mac = /mac/i.test(navigator.platform);
let registered = $state.raw<Command[]>([]);

function parts(keys: string) {
  const all = keys.split('+');
  return { key: (all.pop() ?? '').toLowerCase(), mod: all.includes('Mod'), alt: all.includes('Alt'), shift: all.includes('Shift') };
}

function pressed(keys: string, e: KeyboardEvent): boolean {
  const want = parts(keys);
  // What '?' needs to be typed is the keyboard's matter, so shift counts with letters only.
  const shift = want.mod ? want.shift === e.shiftKey : true;
  return want.key === e.key.toLowerCase() && want.mod === (mac ? e.metaKey : e.ctrlKey) && want.alt === e.altKey && shift;
}

function typing(e: KeyboardEvent): boolean {
  return e.target instanceof HTMLElement && e.target.matches('input, textarea, select, [contenteditable="true"]');
}

/** commands are what can be done now, what was registered last before the rest: of two with an id, the later has it. */
export function commands(): Command[] {
  return registered.filter((c, n) => !registered.slice(0, n).some((later) => later.id === c.id));
}

/** register adds commands until the function that it returns is called: $effect(() => register(...)). */
export function register(...add: Command[]): () => void {
  // In an effect, this must not make the effect depend on what is registered.
  registered = [...add, ...untrack(() => registered)];
  return () => {
    registered = registered.filter((c) => !add.includes(c));
  };
}

/** runCommand does what a command does; false if there is none of that id now. */
export function runCommand(id: string): boolean {
  const command = commands().find((c) => c.id === id);
  command?.run();
  return command !== undefined;
}

/** onShortcut handles the keys of the whole window. */
export function onShortcut(e: KeyboardEvent) {
  if (e.defaultPrevented || composing(e) || e.repeat) return;
  const command = commands().find((c) =>
    c.keys?.some((keys) => pressed(keys, e) && (/^(Mod|Alt)\+/.test(keys) || /^F\d+$/.test(keys) || !typing(e))),
  );
  if (!command) return;
  // A dialog keeps what is behind it out of reach.
  if (document.querySelector('dialog[open]')) return;
  e.preventDefault();
  command.run();
}

/** written is how keys are written on this system: "Ctrl+K" or "⌘K". */
export function written(keys: string): string {
  const named = keys.replace('ArrowLeft', '←').replace('ArrowRight', '→').replace('ArrowUp', '↑').replace('ArrowDown', '↓');
  return mac ? named.replace('Mod+', '⌘').replace('Shift+', '⇧').replace('Alt+', '⌥') : named.replace('Mod', 'Ctrl');
}
