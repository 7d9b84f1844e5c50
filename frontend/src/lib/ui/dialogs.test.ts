import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { raw } from '../testing/raw';
import AskDialog from './AskDialog.svelte';
import Dialog from './Dialog.svelte';
import Menu from './Menu.svelte';
import TypeToConfirm from './TypeToConfirm.svelte';

// What had the focus before: dialogs give it back.
let opener: HTMLButtonElement;
beforeEach(() => {
  opener = document.createElement('button');
  document.body.append(opener);
  opener.focus();
  return () => opener.remove();
});

describe('Dialog', () => {
  const children = raw('<div><button>Other</button><input aria-label="Name"></div>');

  test('focuses its first field, closes by Escape, and gives the focus back', async () => {
    const onclose = vi.fn();
    const { rerender } = render(Dialog, { open: false, title: 'Rename', description: 'Only for you.', children, onclose });
    await rerender({ open: true });
    const dialog = await screen.findByRole('dialog', { name: 'Rename' });
    expect(document.getElementById(dialog.getAttribute('aria-describedby') ?? '')?.textContent).toBe('Only for you.');
    await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Name')));
    await userEvent.keyboard('{Escape}');
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(onclose).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(document.activeElement).toBe(opener));
  });

  test('stays while it is locked', async () => {
    render(Dialog, { open: true, title: 'Rename', children, locked: true });
    await screen.findByRole('dialog');
    await userEvent.keyboard('{Escape}');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Close' }).disabled).toBe(true);
    expect(screen.getByRole('dialog')).toBeTruthy();
  });
});

test('a question focuses the harmless answer, and asks its caller', async () => {
  const onconfirm = vi.fn();
  render(AskDialog, { open: true, title: 'End it?', description: 'It has to sign in again.', confirm: 'End it', onconfirm });
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Cancel' })));
  await userEvent.click(screen.getByRole('button', { name: 'End it' }));
  expect(onconfirm).toHaveBeenCalledOnce();
});

describe('TypeToConfirm', () => {
  test.each([
    ['the name', 'desk', 'desk', true],
    ['space around it', 'desk', ' desk ', true],
    ['a name with marks that cannot be typed', 'de\u202esk', 'desk', true],
    ['an accent in another form', 'caf\u00e9', 'cafe\u0301', true],
    ['another case', 'desk', 'Desk', false],
    ['a part', 'desk', 'des', false],
  ])('%s', async (_, word, typed, same) => {
    const onconfirm = vi.fn();
    render(TypeToConfirm, { open: true, title: 'Delete?', description: 'For good.', word, confirm: 'Delete', onconfirm });
    await userEvent.type(await screen.findByRole('textbox'), `${typed}{Enter}`);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Delete' }).disabled).toBe(!same);
    expect(onconfirm).toHaveBeenCalledTimes(same ? 1 : 0);
  });
});

test('a menu opens by keyboard and runs what is chosen', async () => {
  const rename = vi.fn();
  render(Menu, {
    label: 'Actions for desk',
    items: [
      { label: 'Rename', onselect: rename },
      { label: 'Delete', onselect: vi.fn(), danger: true, line: true },
    ],
  });
  const dots = screen.getByRole('button', { name: 'Actions for desk' });
  dots.focus();
  await userEvent.keyboard('{Enter}');
  const item = await screen.findByRole('menuitem', { name: 'Rename' });
  await vi.waitFor(() => expect(document.activeElement).toBe(item));
  await userEvent.keyboard('{Enter}');
  expect(rename).toHaveBeenCalledOnce();
  await vi.waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
});
