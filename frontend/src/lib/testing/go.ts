// What the desktop's packages of Go can answer with, read out of their sources.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const backend = join(import.meta.dirname, '../../../../backend');
const places = [join(backend, '../app'), ...['companion', 'credential/sshkey', 'server', 'internal/disk', 'internal/seal'].map((p) => join(backend, p))];
const made =
  /(?:NewError\([^,()]+,|InvalidField\("\w+",|refusal\(|Code:)\s*"([a-z][a-z0-9_]+)"(?:,\s*(?:(?:Field|RetryAfter): [^,\n]+,\s*)*(?:Message:\s*)?("(?:[^"\\\n]|\\.)*"(?!\s*\+)))?/g;
// The command line and the start of the window say these, before there is a page.
const early = ['no_window', 'no_display', 'window_failed'];

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.go') && !file.endsWith('_test.go'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}

let read: Map<string, string> | undefined;

/** goSays returns the message of each code; '' where Go composes it. */
export function goSays(): ReadonlyMap<string, string> {
  if (read) return read;
  read = new Map();
  for (const source of places.flatMap(sources)) {
    for (const [, code = '', message = '""'] of source.matchAll(made)) {
      read.set(code, read.get(code) || (JSON.parse(message) as string));
    }
  }
  for (const code of early) read.delete(code);
  return read;
}

/** goKnows tells which of these codes stand anywhere in Go's sources. */
export function goKnows(codes: readonly string[]): string[] {
  const all = [join(backend, '../app'), backend].flatMap(sources).join('\n');
  return codes.filter((code) => all.includes(`"${code}"`));
}
