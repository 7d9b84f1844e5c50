import type { Problem } from '$lib/backend';

const signedOut = new Set([
  'not_signed_in',
  'token_refused',
  'token_expired',
  'token_ignored',
  'session_ended',
  'password_changed',
  'user_gone',
  'password_change_required',
]);

/** wantsSignIn tells whether signing in again is the way on. */
export function wantsSignIn(problem: Problem): boolean {
  return signedOut.has(problem.code);
}
