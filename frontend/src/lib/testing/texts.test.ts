import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { same } from '../i18n/same';
import { oddChinese } from './chinese';
import { sources } from './sources';

interface Entry {
  path: string;
  en: string;
  zh: string;
}
interface Catalogue {
  file: string;
  name: string;
  entries: Entry[];
}

// Words that somebody reads: the text of a node without its code.
function words(node: ts.Node | undefined, of: ts.SourceFile): string {
  const found: string[] = [];
  const walk = (n: ts.Node) => {
    if (ts.isStringLiteralLike(n) || ts.isTemplateHead(n) || ts.isTemplateMiddleOrTemplateTail(n)) found.push(n.text);
    n.forEachChild(walk);
  };
  if (node) walk(node);
  return found.join(' ').trim() || (node?.getText(of) ?? '');
}

function entries(en: ts.Node, zh: ts.Node | undefined, of: ts.SourceFile, above = ''): Entry[] {
  const inside = (n: ts.Node | undefined) => (n && ts.isSatisfiesExpression(n) ? n.expression : n);
  const object = inside(en);
  const other = inside(zh);
  if (!object || !ts.isObjectLiteralExpression(object)) return [];
  return object.properties.flatMap((p) => {
    if (!ts.isPropertyAssignment(p)) return [];
    const key = p.name.getText(of).replace(/^['"]|['"]$/g, '');
    const match =
      other && ts.isObjectLiteralExpression(other)
        ? other.properties.find((q) => q.name?.getText(of).replace(/^['"]|['"]$/g, '') === key)
        : undefined;
    const chinese = match && ts.isPropertyAssignment(match) ? match.initializer : undefined;
    const path = above ? `${above}.${key}` : key;
    if (ts.isObjectLiteralExpression(p.initializer)) return entries(p.initializer, chinese, of, path);
    return [{ path, en: words(p.initializer, of), zh: words(chinese, of) }];
  });
}

function cataloguesIn(file: string, text: string): Catalogue[] {
  const out: Catalogue[] = [];
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const walk = (n: ts.Node) => {
    if (ts.isVariableDeclaration(n) && n.initializer && ts.isCallExpression(n.initializer)) {
      const [en, zh] = n.initializer.arguments;
      if (n.initializer.expression.getText(parsed) === 'catalogue' && en) {
        out.push({ file, name: n.name.getText(parsed), entries: entries(en, zh, parsed) });
      }
    }
    n.forEachChild(walk);
  };
  walk(parsed);
  return out;
}

// Code with `const t = text.panel` and t.title reads text.panel.title, and not all of text.panel.
function unaliased(code: string): string {
  const aliases = [...code.matchAll(/const (\w+) = (?:\$derived\()?((?:text)(?:\.\w+)+)\)?;/g)];
  return aliases.reduce(
    (out, [whole, alias = '', of = '']) => out.replace(whole, '').replace(new RegExp(`\\b${alias}\\.`, 'g'), `${of}.`),
    code,
  );
}

// The file that an import of another one means, without its ending.
function imported(from: string, by: string): string {
  if (from.startsWith('$lib/')) return from.replace('$lib', 'lib');
  return new URL(from, `file:///${by}`).pathname.slice(1);
}

// Where a catalogue is read, and under which name there.
function readers(c: Catalogue, all: Map<string, string>): { code: string; name: string }[] {
  const own = c.file.replace(/\.ts$/, '');
  return [...all].flatMap(([path, code]) => {
    if (path === c.file) return [{ code: unaliased(code), name: c.name }];
    return [...code.matchAll(/import \{([^}]*)\} from '([^']+)'/g)]
      .filter(([, , from = '']) => imported(from, path) === own)
      .flatMap(([, names = '']) => names.split(',').map((n) => n.trim().split(' as ')))
      .filter(([name]) => name === c.name)
      .map(([name = '', alias]) => ({ code: unaliased(code), name: alias ?? name }));
  });
}

// A key is read by its path, or by a part of it with [...] or as a whole object after that.
function isRead(entry: Entry, at: { code: string; name: string }[]): boolean {
  const keys = entry.path.split('.');
  return at.some(({ code, name }) => {
    if (new RegExp(`\\b${name}\\.${keys.join('\\??\\.')}\\b`).test(code)) return true;
    return keys.some((_, n) => new RegExp(`\\b${[name, ...keys.slice(0, n)].join('\\.')}(\\[|\\)|;|,|\\s*\\})`).test(code) && n > 0);
  });
}

const all = sources();
const found = [...all].filter(([, text]) => text.includes('catalogue(')).flatMap(([file, text]) => cataloguesIn(file, text));
const spoken = found.filter((c) => !c.file.startsWith('lib/i18n/'));

describe.each(spoken.map((c) => [`${c.file} ${c.name}`, c] as const))('%s', (_, c) => {
  test('has no key that nothing reads', () => {
    const at = readers(c, all);
    expect(c.entries.filter((e) => !isRead(e, at)).map((e) => e.path)).toEqual([]);
  });
  test('has Chinese for each key', () => {
    const english = c.entries.filter((e) => e.zh === e.en && !same.includes(e.en)).map((e) => e.path);
    expect(english).toEqual([]);
  });
  test('is written as Chinese is', () => {
    const odd = c.entries
      .filter((e) => oddChinese.test(e.zh))
      .map((e) => `${e.path}: ${e.zh}`);
    expect(odd).toEqual([]);
  });
});

test('catalogues are found', () => {
  expect(spoken.length).toBeGreaterThan(6);
});
