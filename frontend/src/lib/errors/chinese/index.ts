import type { Sentences } from '../sentences';
import { account } from './account';
import { codes } from './codes';
import { computer } from './computer';
import { connection } from './connection';
import { files } from './files';
import { keys } from './keys';
import { vault } from './vault';

/** chinese has a sentence for every code. */
export const chinese: Sentences = { ...connection, ...account, ...vault, ...keys, ...codes, ...computer, ...files };
