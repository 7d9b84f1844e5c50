import type { Problem } from '$lib/backend';

/** A Proof shows a server that it is the person themselves who asks for a change. */
export class Proof {
  code = $state('');
  password = $state('');
  /** The server has asked for the password, which it does some time after signing in. */
  asked = $state(false);

  /** field is which of the two a problem is about. */
  field(problem: Problem | null): '' | 'code' | 'password' {
    switch (problem?.code) {
      case 'code_needed':
      case 'code_wrong':
        return 'code';
      case 'proof_needed':
      case 'password_wrong':
        return 'password';
      default:
        return '';
    }
  }

  /** wants is true if a problem only says that the password is the next field to fill in. */
  wants(problem: Problem | null): boolean {
    if (problem?.code !== 'proof_needed' || this.asked) return false;
    return (this.asked = true);
  }
}
