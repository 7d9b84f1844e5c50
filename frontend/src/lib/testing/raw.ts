import { createRawSnippet, type Snippet } from 'svelte';

/** raw makes a snippet of markup, for tests of what takes one. */
export function raw(html: string): Snippet {
  return createRawSnippet(() => ({ render: () => html }));
}
