import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const src = join(import.meta.dirname, '../..');

/** sources reads what the page is made of: path below src -> text. Tests and what serves only them are left out. */
export function sources(): Map<string, string> {
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(ts|svelte)$/.test(path) && !/\.test\.ts$|\/testing\/|backend\/(fake|samples)\.ts$/.test(path));
  return new Map(paths.map((path) => [path, readFileSync(join(src, path), 'utf8')]));
}
