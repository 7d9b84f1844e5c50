// Which server somebody has to sign in on: the sheet over the current screen reads it.

const now = $state<{ server: string }>({ server: '' });

export const signIn = {
  /** The id of the server; '' while nobody is asked. */
  get server(): string {
    return now.server;
  },
  /** ask opens the sheet. It leaves the screen below, and what is typed there, as it is. */
  ask(server: string) {
    now.server = server;
  },
  close() {
    now.server = '';
  },
};
