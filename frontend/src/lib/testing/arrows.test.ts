import { expect, test } from 'vitest';
import { sources } from './sources';

// Who may import whom, and nobody else. A folder may always import itself.
const arrows: Record<string, string[]> = {
  'lib/keyboard.ts': [],
  'lib/shortcuts.svelte.ts': ['lib/keyboard.ts'],
  'lib/search.ts': [],
  'lib/i18n': [],
  'lib/backend': [],
  'lib/errors': ['lib/backend', 'lib/i18n'],
  'lib/state': ['lib/backend', 'lib/errors', 'lib/i18n'],
  'lib/ui': ['lib/backend', 'lib/errors', 'lib/i18n', 'lib/keyboard.ts', 'lib/shortcuts.svelte.ts', 'lib/state'],
};

// room is the part of the page that a path belongs to.
function room(path: string): string {
  const [top = '', second = ''] = path.split('/');
  if (top === 'features') return `features/${second}`;
  if (top !== 'lib') return 'the window';
  return Object.keys(arrows).find((r) => r === `lib/${second}` || r === `lib/${second}.ts`) ?? `lib/${second}`;
}

function target(from: string, path: string): string | undefined {
  if (path.startsWith('$lib/')) return room(path.replace('$lib', 'lib'));
  if (!path.startsWith('.')) return undefined;
  return room(new URL(path, `file:///${from}`).pathname.slice(1));
}

test('imports follow the arrows', () => {
  const wrong: string[] = [];
  for (const [path, text] of sources()) {
    const from = room(path);
    for (const [, imported = ''] of text.matchAll(/\bfrom '([^']+)'/g)) {
      const to = target(path, imported);
      if (!to || to === from || from === 'the window') continue;
      const allowed = arrows[from] ?? Object.keys(arrows);
      if (!allowed.includes(to)) wrong.push(`${path} imports ${imported}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('no component has more than 200 lines, and no store more than 100', () => {
  const long = [...sources()]
    .map(([path, text]) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ path, lines }) => lines > (path.startsWith('lib/state/') ? 100 : path.endsWith('.svelte') ? 200 : Infinity));
  expect(long).toEqual([]);
});
