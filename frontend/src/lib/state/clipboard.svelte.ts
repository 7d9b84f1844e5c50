// What was copied here last. Go writes the clipboard, and takes a secret away again.
import { api, asProblem, on, type Copied } from '$lib/backend';
import { say } from '$lib/errors';
import { toasts } from './toasts.svelte';

const now = $state({ text: '', clearsAt: 0 });
let forget: ReturnType<typeof setTimeout> | undefined;

function set(text: string, clearsAt: number) {
  clearTimeout(forget);
  now.text = text;
  now.clearsAt = clearsAt;
  // "Copied" is said for a while only, unless there is a countdown to show.
  if (text && !clearsAt) forget = setTimeout(() => set('', 0), 3000);
}

// follow has something copied, which is known here by a name or by the text itself.
async function follow(name: string, copying: () => Promise<Copied>) {
  try {
    set(name, (await copying()).clearsAt);
  } catch (reason) {
    toasts.say(say(asProblem(reason)));
  }
}

export const clipboard = {
  /** When the clipboard is cleared; 0 if it is not. */
  get clearsAt() {
    return now.clearsAt;
  },
  /** holds tells whether this text, or what was copied by this name, is what was copied last. */
  holds: (text: string) => text !== '' && now.text === text,
  copy: (text: string, secret = false) => follow(text, () => api.shell.copyText({ text, secret })),
  /** follow has Go copy what the page need not see: holds(name) tells whether it is still there. */
  follow,
  async clear() {
    try {
      await api.shell.clearCopied();
      set('', 0);
    } catch (reason) {
      toasts.say(say(asProblem(reason)));
    }
  },
  /** listen follows what Go clears. */
  listen: () => on('clipboard:cleared', () => set('', 0)),
};
