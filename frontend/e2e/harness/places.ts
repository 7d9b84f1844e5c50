import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The program with the tag dev: the window's page can be opened in a browser, and the commands are in it too. */
export const binary = here('../../../build/bin/latchkey-dev');

/** The page as it was built. */
export const page = here('../../dist');

/** Where pictures go for people to look at; empty: there are none. */
export const pictures = process.env['LATCHKEY_PICTURES'] ?? '';
