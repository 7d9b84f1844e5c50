import type { Server } from '$lib/backend';
import { text } from './text';

/** product is what a server is, in words: "AList 3.61.0". */
export function product(of: Pick<Server, 'kind' | 'version'>): string {
  const known = of.kind === 'other' || of.kind === '' ? text.connect.server : of.kind;
  return [known, of.version].filter(Boolean).join(' ');
}
