import type { Me, Problem } from '$lib/backend';
import { text } from './text';

/** codeOf is the field for a code, where the account has a second factor: as far as is known, or the server has just said so. */
export function codeOf(me: Me, problem: Problem | null): { label: string; hint: string } | undefined {
  const wanted = me.secondFactor || problem?.code === 'code_needed' || problem?.code === 'code_wrong';
  return wanted ? { label: text.code, hint: text.codeHint } : undefined;
}
