import { expect, test, vi } from 'vitest';
import { commands, onShortcut, register, runCommand, written } from './shortcuts.svelte';

const press = (init: KeyboardEventInit & { keyCode?: number }, on: HTMLElement = document.body) => {
  const e = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
  on.addEventListener('keydown', onShortcut, { once: true });
  on.dispatchEvent(e);
  return e.defaultPrevented;
};
const command = (keys: string[], run = vi.fn()) => ({ id: 'it', title: () => 'It', keys, run });

test.each([
  ['Ctrl+K', ['Mod+K'], { key: 'k', ctrlKey: true }, true],
  ['Ctrl+K with Caps Lock', ['Mod+K'], { key: 'K', ctrlKey: true }, true],
  ['Ctrl+Shift+K for Ctrl+K', ['Mod+K'], { key: 'K', ctrlKey: true, shiftKey: true }, false],
  ['K alone for Ctrl+K', ['Mod+K'], { key: 'k' }, false],
  ['Ctrl+comma', ['Mod+,'], { key: ',', ctrlKey: true }, true],
  ['Alt+Left', ['Alt+ArrowLeft'], { key: 'ArrowLeft', altKey: true }, true],
  ['F1', ['F1', '?'], { key: 'F1' }, true],
  ['a question mark', ['F1', '?'], { key: '?', shiftKey: true }, true],
  ['a key held down', ['Mod+K'], { key: 'k', ctrlKey: true, repeat: true }, false],
  ['while composing', ['?'], { key: '?', isComposing: true }, false],
])('%s', (_, keys, init, runs) => {
  const it = command(keys);
  const off = register(it);
  expect([press(init), it.run.mock.calls.length]).toEqual([runs, runs ? 1 : 0]);
  off();
  expect(press(init)).toBe(false);
});

test('in a field only keys with Ctrl or Alt and function keys count', () => {
  const field = document.body.appendChild(document.createElement('input'));
  const it = command(['?', 'F1', 'Mod+F']);
  const off = register(it);
  expect([press({ key: '?' }, field), press({ key: 'F1' }, field), press({ key: 'f', ctrlKey: true }, field)]).toEqual([false, true, true]);
  off();
  field.remove();
});

test('an open dialog keeps what is behind it out of reach', () => {
  const dialog = document.body.appendChild(document.createElement('dialog'));
  dialog.open = true;
  const off = register(command(['Mod+K']));
  expect(press({ key: 'k', ctrlKey: true })).toBe(false);
  dialog.remove();
  expect(press({ key: 'k', ctrlKey: true })).toBe(true);
  off();
});

test('the last to register an id has it, until it is gone', () => {
  const [first, second] = [command([]), command([])];
  const offs = [register(first), register(second)];
  expect(commands()).toEqual([second]);
  offs[1]?.();
  expect(runCommand('it')).toBe(true);
  expect([first.run.mock.calls.length, second.run.mock.calls.length]).toEqual([1, 0]);
  offs[0]?.();
  expect(runCommand('it')).toBe(false);
});

test('keys are written as this system does', () => {
  expect(['Mod+K', 'Alt+ArrowLeft', 'F1'].map(written)).toEqual(['Ctrl+K', 'Alt+←', 'F1']);
});
