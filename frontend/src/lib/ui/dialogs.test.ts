import { fireEvent, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { toasts } from '$lib/state';
import { raw } from '../testing/raw';
import AskDialog from './AskDialog.svelte';
import Dialog from './Dialog.svelte';
import Menu from './Menu.svelte';
import Toasts from './Toasts.svelte';
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

  test('Escape closes the upper of two, wherever the focus is', async () => {
    render(Dialog, { open: true, title: 'Lower' });
    render(Dialog, { open: true, title: 'Upper' });
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    await userEvent.keyboard('{Escape}');
    expect(screen.getAllByRole('dialog').map((d) => d.querySelector('h2')?.textContent)).toEqual(['Lower']);
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  test('no Escape of an input method closes it', async () => {
    render(Dialog, { open: true, title: 'Rename', children });
    await fireEvent.keyDown(screen.getByLabelText('Name'), { key: 'Escape', isComposing: true });
    expect(screen.getByRole('dialog')).toBeTruthy();
  });

  test('has what is said for a moment in it, where it can be reached', async () => {
    render(Toasts);
    toasts.say('Saved.');
    const { rerender } = render(Dialog, { open: false, title: 'Rename', children });
    const inDialog = async () => (await screen.findByText('Saved.')).closest('dialog') !== null;
    expect(await inDialog()).toBe(false);
    await rerender({ open: true });
    expect(await inDialog()).toBe(true);
    await rerender({ open: false });
    expect(await inDialog()).toBe(false);
    toasts.settle();
  });

  test('has no cross where only its buttons close it', async () => {
    render(Dialog, { open: true, title: 'Keep', children, stays: true });
    await screen.findByRole('dialog');
    await userEvent.keyboard('{Escape}');
    expect([screen.getAllByRole('dialog').length, screen.queryByRole('button', { name: 'Close' })]).toEqual([1, null]);
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

describe('Menu', () => {
  const items = () => [
    { id: 'rename', label: 'Rename', onselect: vi.fn() },
    { id: 'copy', label: 'Copy', onselect: vi.fn(), disabled: true },
    { id: 'delete', label: 'Delete', onselect: vi.fn(), danger: true, line: true },
  ];
  const focused = () => document.activeElement?.textContent.trim();

  test('opens by keyboard, moves over what is disabled, and runs what is chosen', async () => {
    const [rename, copy, remove] = items();
    if (!rename || !copy || !remove) throw new Error('three items');
    render(Menu, { label: 'Actions for desk', items: [rename, copy, remove] });
    const dots = screen.getByRole('button', { name: 'Actions for desk' });
    dots.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect([dots.getAttribute('aria-expanded'), focused()]).toEqual(['true', 'Rename']);
    await userEvent.keyboard('{ArrowDown}');
    expect(focused()).toBe('Delete');
    await userEvent.keyboard('{ArrowDown}r');
    expect(focused()).toBe('Rename');
    await userEvent.keyboard('{End}{Enter}');
    expect([remove.onselect.mock.calls.length, screen.queryByRole('menu'), document.activeElement]).toEqual([1, null, dots]);
  });

  test.each(['{Escape}', '{Tab}'])('closes by %s and gives the focus back', async (key) => {
    render(Menu, { label: 'Actions', items: items() });
    const dots = screen.getByRole('button', { name: 'Actions' });
    dots.focus();
    await userEvent.keyboard('{Enter}');
    expect(focused()).toBe('Rename');
    await userEvent.keyboard(key);
    expect([screen.queryByRole('menu'), document.activeElement]).toEqual([null, dots]);
  });

  test('closes by a press elsewhere', async () => {
    render(Menu, { label: 'Actions', items: items() });
    await userEvent.click(screen.getByRole('button', { name: 'Actions' }));
    expect(screen.getByRole('menu')).toBeTruthy();
    await userEvent.click(document.body);
    expect(screen.queryByRole('menu')).toBeNull();
  });

  test('takes no key from what is around it', async () => {
    const around = vi.fn();
    render(Menu, { label: 'Actions', items: items() });
    document.body.addEventListener('keydown', around, { once: true });
    await userEvent.click(screen.getByRole('button', { name: 'Actions' }));
    await userEvent.keyboard('{ArrowDown}');
    document.body.removeEventListener('keydown', around);
    expect([focused(), around.mock.calls.length]).toEqual(['Rename', 0]);
  });
});
