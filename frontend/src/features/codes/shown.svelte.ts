// The codes on the screen. They are gone with it.
import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { api, asProblem, type Code, type CodeBook, type CodeEntry, type Problem } from '$lib/backend';
import { settings } from '$lib/state';
import { alignTo, now } from './clock.svelte';
import { shownAt, stale, type Shown } from './code';

/** chosenClock is what codes are made by. */
export const chosenClock = () => `${settings.value.clockServer} ${settings.value.clockAhead}`;

/** How long a code that was asked for stays in view. */
const revealTime = 30_000;

export class Codes {
  #known = $state.raw<Readonly<Record<string, Code>>>({});
  /** Of HOTP: what was made last, which stays. */
  #made = new SvelteMap<string, Code>();
  /** Where codes are hidden: until when one is in view. */
  #revealed = new SvelteMap<string, number>();
  #asking = false;
  /** What the known codes were made by. */
  #by = chosenClock();
  problem = $state.raw<Problem | null>(null);

  /** Call it while a component is made. */
  constructor(book: () => CodeBook | undefined) {
    const given = $derived(book()?.codes);
    // Before the page is drawn: the first picture shows them.
    $effect.pre(() => {
      const codes = given;
      untrack(() => this.#keep(codes));
    });
    // By another clock other codes are right.
    $effect(() => {
      const by = chosenClock();
      untrack(() => {
        if (by !== this.#by) this.#known = {};
        this.#by = by;
      });
    });
    // Whatever the clock finds out of date is asked for, all of it in one call.
    $effect(() => {
      const at = now();
      const all = (book()?.entries ?? []).filter((e) => e.kind !== 'hotp');
      const wanted = all.filter((e) => !this.hides(e, at) && stale(this.#known[e.id], e.period, at));
      if (wanted.length > 0) untrack(() => void this.#ask(wanted.length === all.length ? [] : wanted.map((e) => e.id)));
    });
  }

  async #ask(ids: string[]) {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const by = this.#by;
      const codes = await api.codes.current(ids);
      if (by === this.#by) this.#keep(codes);
      this.problem = null;
    } catch (reason) {
      this.problem = asProblem(reason);
    }
    this.#asking = false;
  }

  #keep(codes: readonly Code[] = []) {
    if (!codes[0]) return;
    alignTo(codes[0].until);
    this.#known = { ...this.#known, ...Object.fromEntries(codes.map((c) => [c.id, c])) };
  }

  /** hides tells that an entry's code is not to be seen. */
  hides = (e: CodeEntry, at = now()) => e.kind !== 'hotp' && settings.value.hideCodes && !((this.#revealed.get(e.id) ?? 0) > at);

  /** at is what the row of an entry shows now; null while that is not known. */
  at(e: CodeEntry): Shown | null {
    if (e.kind === 'hotp') return shownAt(this.#made.get(e.id), 0, 0);
    const at = now();
    return this.hides(e, at) ? null : shownAt(this.#known[e.id], e.period, at);
  }

  /** reveal shows a hidden code for a while, or hides it again. */
  reveal(e: CodeEntry) {
    if (this.hides(e)) this.#revealed.set(e.id, Date.now() + revealTime);
    else this.#revealed.delete(e.id);
  }

  /** make makes the next code of HOTP. */
  async make(e: CodeEntry) {
    this.#made.set(e.id, await api.codes.next(e.id));
  }
}
