import { asProblem, ProblemError } from './problem';

type Bound = (...values: unknown[]) => Promise<unknown>;

declare global {
  interface Window {
    /** Where Wails puts the methods of package app. */
    go?: { app?: Record<string, Record<string, Bound>> };
    /** Where Wails puts its events. */
    runtime?: {
      EventsOn: (event: string, fn: (value: unknown) => void) => () => void;
      /** Not in tests. */
      ResolveFilePaths?: (x: number, y: number, files: File[]) => void;
    };
  }
}

// How long the page waits, in milliseconds. Go has limits of its own, which
// are shorter and say more; these are for when no answer comes at all, as
// after a call that Wails does not know.
const prompt = 20_000;
/** patient is for calls that wait for a server, for the keyring, or for a key to be made. */
export const patient = 60_000;
/** untilAnswered is for dialogs of the system: people may take as long as they like. */
export const untilAnswered = 0;

/** A Method is one call to Go. */
export type Method<A extends unknown[], R> = (...values: A) => Promise<R>;

/** method is one bound method of Go as a function that always settles. */
export function method<A extends unknown[], R>(struct: string, name: string, limit = prompt): Method<A, R> {
  return (...values) => {
    const bound = window.go?.app?.[struct]?.[name];
    if (!bound) {
      return Promise.reject(new ProblemError({ code: 'page_alone', details: `page_alone\n${struct}.${name}` }));
    }
    return new Promise<R>((resolve, reject) => {
      const late = new ProblemError({ code: 'page_no_answer', details: `page_no_answer\n${struct}.${name}` });
      const timer = limit ? setTimeout(() => reject(late), limit) : undefined;
      // An async function, so that what is thrown at once is a rejection too.
      const answer = async () => (await bound(...values)) as R;
      answer()
        .then(resolve, (reason: unknown) => reject(asProblem(reason)))
        .finally(() => clearTimeout(timer));
    });
  };
}
