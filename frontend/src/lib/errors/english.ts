import { duration } from '$lib/i18n';
import { tail, type Sentences } from './sentences';

// What Go says in English is written for the window and for commands alike. These
// are for problems that a person in the window has to be told in other words,
// and for those of the page itself.
export const english: Sentences = {
  server_unreachable: 'The server cannot be reached. Check that it is switched on, that the address is right, and that this computer is on its network.',
  server_speaks_http: 'The server has no secure connection at that address. Use http:// if it is on your own network, or another port.',
  server_wants_https: 'The server only takes secure connections at that address. Use https:// instead of http://.',
  too_many_attempts: (p) =>
    `The server has locked sign-ins after too many failures, and each try makes that longer. ${p.retryAfter ? `Wait ${duration(p.retryAfter)}, then try again.` : 'Wait a few minutes, then try again.'}`,
  proof_needed: 'Enter your current password to confirm this change.',
  credentials_wrong: 'The user name or the password is wrong. Check both and try again.',
  code_wrong: 'That code is not right. Wait for the next one, because each code works once; if it fails too, check the clock of your phone.',
  captcha_required: 'The server asks for a captcha, which it shows on its own sign-in page. Sign in there once, then try again here.',
  not_signed_in: 'You are not signed in on this server. Sign in first.',
  session_not_found: 'This device is no longer in the list. It may have been signed out already.',
  session_id_invalid: 'This device is no longer in the list. Refresh the list.',
  vault_other_protection: 'The vault is not protected in that way. Unlock it in the way that is offered, or with the recovery key.',
  vault_no_record: 'The vault no longer has what was looked for. Try again from the start.',
  vault_name_invalid: 'That cannot be kept in the vault under its name. Choose a shorter one.',
  ssh_key_dsa: 'DSA keys are too weak to be safe. Make an Ed25519 key instead.',
  ssh_key_rsa_short: 'RSA keys under 2,048 bits are too weak to be safe. Make an Ed25519 key instead.',
  ssh_key_rsa_long: 'RSA keys over 8,192 bits are not accepted. Make an Ed25519 key instead.',
  ssh_key_kind: 'That kind of key is not accepted. Make an Ed25519 key instead.',
  ssh_key_kind_unknown: 'Latchkey does not make that kind of key. Choose one of those offered.',
  ssh_key_no_private: 'The private key file is not there. Check the folder it was in.',
  port_taken: 'The server cannot use that port, because another program may be using it. Choose another port in the settings of this server.',
  already_running: 'Another Latchkey is serving this data folder already. Stop it first.',
  settings_refused: 'The server does not take those settings. Choose others.',
  no_data: 'There is no server on this computer yet. Set one up first.',
  admin_password_refused: (p) => `That password cannot be used. ${tail(p)}`.trim(),
  path_invalid: 'That path cannot be used. Choose the folder with the button beside it.',
  internal: 'Something went wrong on the server. Try again; its log has the details.',
  page_alone: 'This page is not connected to Latchkey. Close the window and open Latchkey again.',
  page_no_answer: 'Latchkey did not answer in time. Look how things stand before you try again; if it happens again, close the window and open it again.',
  page_camera_denied: 'The camera was not allowed. Allow Latchkey to use it in the settings of this computer, then try again.',
  page_failed: 'Latchkey made a mistake at that. Try again; if it happens again, copy the details and report it.',
};
