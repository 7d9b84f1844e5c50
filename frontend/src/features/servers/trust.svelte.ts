// Whose certificate a person is asked about: the sheet over the screen reads it.

let id = $state('');

export const trust = {
  get server(): string {
    return id;
  },
  ask(server: string) {
    id = server;
  },
  close() {
    id = '';
  },
};
