// What somebody goes to another screen for, so that the screen begins with it.
type Errand = '' | 'two-factor' | 'dev-key';
let left = $state<Errand>('');

export const errand = {
  leave: (what: Errand) => void (left = what),
  /** take tells whether somebody has come for this; once. */
  take(what: Errand): boolean {
    if (left !== what) return false;
    left = '';
    return true;
  },
};
