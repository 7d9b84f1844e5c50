import { fireEvent, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { describe, expect, test, vi } from 'vitest';
import DataTable from './DataTable.svelte';

interface Thing {
  id: string;
}
const columns = [
  { id: 'name', title: 'Name', width: '1fr' },
  { id: 'act', title: 'Actions', width: '4rem', hideTitle: true },
];
const cell = createRawSnippet<[Thing, string, 0 | -1]>((row, column, tabindex) => ({
  render: () =>
    column() === 'name' ? `<span>${row().id}</span>` : `<button tabindex="${String(tabindex())}">End ${row().id}</button>`,
}));
const things = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `row ${String(i)}` }));
const table = (rows: Thing[], more = {}) =>
  render(DataTable<Thing>, { label: 'Things', columns, rows, key: (r: Thing) => r.id, cell, ...more });
const focused = () => document.activeElement?.querySelector('span')?.textContent;

test('arrows, Home and End move the focus from row to row', async () => {
  table(things(5));
  await userEvent.tab();
  expect(focused()).toBe('row 0');
  for (const [key, want] of [
    ['{ArrowDown}', 'row 1'],
    ['{End}', 'row 4'],
    ['{ArrowDown}', 'row 4'],
    ['{ArrowUp}', 'row 3'],
    ['{Home}', 'row 0'],
  ] as const) {
    await userEvent.keyboard(key);
    await vi.waitFor(() => expect(focused()).toBe(want));
  }
});

test('Enter opens a row and Delete deletes it, but not from a button in it', async () => {
  const onopen = vi.fn();
  const ondelete = vi.fn();
  table(things(2), { onopen, ondelete });
  await userEvent.tab();
  await userEvent.keyboard('{Enter}{Delete}');
  await userEvent.tab();
  expect(document.activeElement?.textContent).toBe('End row 0');
  await userEvent.keyboard('{Enter}{Delete}');
  expect([onopen.mock.calls, ondelete.mock.calls]).toEqual([[[{ id: 'row 0' }]], [[{ id: 'row 0' }]]]);
});

test('no key is taken from an input method', async () => {
  const onopen = vi.fn();
  table(things(2), { onopen });
  await userEvent.tab();
  await fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Enter', isComposing: true });
  expect(onopen).not.toHaveBeenCalled();
});

test('after its row is gone, the neighbour has the focus', async () => {
  const { rerender } = table(things(3));
  await userEvent.tab();
  await userEvent.keyboard('{ArrowDown}');
  await vi.waitFor(() => expect(focused()).toBe('row 1'));
  await rerender({ rows: things(3).filter((r) => r.id !== 'row 1') });
  await vi.waitFor(() => expect(focused()).toBe('row 2'));
});

describe('5,000 rows', () => {
  test('are told, but only those near the window are drawn', () => {
    table(things(5000));
    expect(screen.getByRole('grid', { name: 'Things' }).getAttribute('aria-rowcount')).toBe('5001');
    expect(screen.getAllByRole('row').length).toBeLessThan(150);
  });

  test('the last one is reached by End and keeps the focus', async () => {
    table(things(5000));
    await userEvent.tab();
    await userEvent.keyboard('{End}');
    await vi.waitFor(() => expect(focused()).toBe('row 4999'));
    expect(document.activeElement?.getAttribute('aria-rowindex')).toBe('5001');
  });
});
