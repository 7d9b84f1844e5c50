import type { Problem } from '$lib/backend';

/** Sentences are what to say, by the code of the problem. */
export type Sentences = Record<string, string | ((p: Problem) => string)>;

/** tail is what comes after "…: " in a message: words of a server, or a reason. */
export function tail(p: Problem): string {
  const at = p.message.indexOf(': ');
  return at < 0 ? '' : p.message.slice(at + 2);
}

/** figure is the number in a message, such as a least length. */
export function figure(p: Problem, otherwise: string): string {
  return /\d[\d,]*/.exec(p.message)?.[0] ?? otherwise;
}

/** quoted is what a message puts in quotation marks, such as a name, in Chinese ones. */
export function quoted(p: Problem): string {
  const found = /"((?:[^"\\]|\\.)+)"/.exec(p.message)?.[1];
  return found ? `“${found}”` : '';
}
