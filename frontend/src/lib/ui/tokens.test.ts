import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');

function values(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(selector));
  return Object.fromEntries(
    [...block.slice(0, block.indexOf('\n}')).matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

// The contrast of WCAG 2.2: relative luminance of both, each with 5 % added.
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ['ground', 'surface', 'sunken', 'raised'];
const pairs: [front: string, back: string, least: number][] = [
  ...['ink', 'ink-2', 'ink-3', 'accent', 'danger', 'warning', 'success'].flatMap((front) =>
    grounds.map((back): [string, string, number] => [front, back, 4.5]),
  ),
  ...['accent', 'danger', 'warning', 'success'].flatMap((tone): [string, string, number][] => [
    [tone, `${tone}-soft`, 4.5],
    ['ink', `${tone}-soft`, 4.5],
    ['ink-2', `${tone}-soft`, 4.5],
  ]),
  ['accent-ink', 'accent', 4.5],
  ['accent-ink', 'accent-hover', 4.5],
  ['danger-ink', 'danger', 4.5],
  ['danger-ink', 'danger-hover', 4.5],
  ...Array.from({ length: 12 }, (_, n): [string, string, number] => ['mark-ink', `mark-${n}`, 4.5]),
  ...['focus', 'line-strong'].flatMap((mark) => grounds.map((back): [string, string, number] => [mark, back, 3])),
];

describe.each([
  ['light', values(':root')],
  ['dark', { ...values(':root'), ...values("[data-theme='dark']") }],
])('%s', (_, colour) => {
  test.each(pairs)('%s on %s reaches %d', (front, back, least) => {
    expect(contrast(colour[front] ?? '', colour[back] ?? '')).toBeGreaterThanOrEqual(least);
  });
});
