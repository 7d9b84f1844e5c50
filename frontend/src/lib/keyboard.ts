// What every handler of keys and every form asks first.

/**
 * composing tells whether an input method is putting characters together, as
 * for Chinese. Its Enter chooses a word, so no submit and no shortcut may take
 * it. WebKit ends the composition before the key event and says it by 229 only.
 */
export function composing(e: Event): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- WebKit has nothing newer for this
  return e instanceof KeyboardEvent && (e.isComposing || e.keyCode === 229);
}

/** onKeys makes a keydown handler of a table: { ArrowDown: next }. What it handles goes no further. */
export function onKeys(handlers: Record<string, (e: KeyboardEvent) => void>): (e: KeyboardEvent) => void {
  return (e) => {
    const handle = handlers[e.key];
    if (!handle || composing(e) || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    handle(e);
  };
}
