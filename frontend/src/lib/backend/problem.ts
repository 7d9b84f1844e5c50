import type { Problem } from './types';

/** A ProblemError is how a call of the api fails. It can be read as a Problem. */
export class ProblemError extends Error implements Problem {
  readonly code: string;
  readonly field: string;
  readonly retryAfter: number;
  readonly details: string;

  constructor(p: Pick<Problem, 'code'> & Partial<Problem>) {
    super(p.message ?? '');
    this.name = 'ProblemError';
    this.code = p.code;
    this.field = p.field ?? '';
    this.retryAfter = p.retryAfter ?? 0;
    this.details = p.details ?? p.code;
  }
}

/**
 * asProblem makes a Problem of whatever a promise was rejected with. Wails puts
 * what Go answers into the text of an Error, so a Problem arrives as JSON; text
 * of its own, such as that an argument could not be decoded, arrives as it is.
 */
export function asProblem(reason: unknown): ProblemError {
  if (reason instanceof ProblemError) return reason;
  if (isProblem(reason)) return new ProblemError(reason);
  const text = reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : '';
  return fromJSON(text) ?? new ProblemError({ code: 'page_failed', details: `page_failed\n${text}`.trim() });
}

function fromJSON(text: string): ProblemError | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return isProblem(read) ? new ProblemError(read) : undefined;
  } catch {
    return undefined;
  }
}

function isProblem(v: unknown): v is Pick<Problem, 'code'> & Partial<Problem> {
  return typeof v === 'object' && v !== null && 'code' in v && typeof v.code === 'string' && v.code !== '';
}
