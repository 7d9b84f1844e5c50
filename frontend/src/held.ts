// What of a window is kept while it is locked.

const fields = ':is(input, textarea):not([type="checkbox"], [type="radio"], [type="hidden"], [disabled])';
const secret = ':is([type="password"], [autocomplete*="password"], [autocomplete="one-time-code"], [data-secret])';

/**
 * unfinished tells whether somebody is in the middle of something that would be
 * lost with the window: a dialog is open, or something is typed. A word to
 * look for is not worth it.
 */
export function unfinished(): boolean {
  if (document.querySelector('dialog[open]')) return true;
  return [...document.querySelectorAll<HTMLInputElement>(`form ${fields}`)].some((f) => f.value !== f.defaultValue && !f.matches(secret));
}

/** forgetSecrets empties the fields for passwords and codes, and what is bound to them. */
export function forgetSecrets(within: Element) {
  for (const field of within.querySelectorAll<HTMLInputElement>(`${fields}${secret}`)) {
    field.value = '';
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
}
