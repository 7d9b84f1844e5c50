import type { Problem } from '$lib/backend';
import { language } from '$lib/i18n';
import { chinese } from './chinese';
import { english } from './english';

/**
 * say is the sentence for a problem: what happened and what to do next. It is
 * chosen by code; what Go says is the English one, unless that has another here.
 */
export function say(problem: Problem): string {
  const sentences = language() === 'zh-CN' ? chinese : english;
  const sentence = sentences[problem.code] ?? (problem.message || sentences['page_failed'] || '');
  return typeof sentence === 'string' ? sentence : sentence(problem);
}
