// What was copied here last. Go writes the clipboard, and takes a secret away again.
import { api, asProblem, on } from '$lib/backend';
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

export const clipboard = {
  /** When the clipboard is cleared; 0 if it is not. */
  get clearsAt() {
    return now.clearsAt;
  },
  holds: (text: string) => text !== '' && now.text === text,
  async copy(text: string, secret = false) {
    try {
      set(text, (await api.shell.copyText({ text, secret })).clearsAt);
    } catch (reason) {
      toasts.say(say(asProblem(reason)));
    }
  },
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
