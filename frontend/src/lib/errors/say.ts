import type { Problem } from '$lib/backend';
import { account } from './text/account';
import { computer } from './text/computer';
import { connection } from './text/connection';
import { keys } from './text/keys';
import type { Sentences } from './text/sentences';
import { vault } from './text/vault';

const all: Sentences[] = [connection, account, vault, keys, computer];

/**
 * say is the sentence for a problem: what happened and what to do next. A code
 * that has none here says what came with it.
 */
export function say(problem: Problem): string {
  for (const sentences of all) {
    const sentence = sentences[problem.code];
    if (sentence !== undefined) return typeof sentence === 'string' ? sentence : sentence(problem);
  }
  return problem.message || say({ ...problem, code: 'page_failed' });
}
