import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { ProblemError } from '$lib/backend';
import { fakeBackend, refuse } from '$lib/backend/fake';
import { toasts } from '$lib/state';
import { raw } from '../testing/raw';
import Button from './Button.svelte';
import CopyButton from './CopyButton.svelte';
import Mono from './Mono.svelte';
import Notice from './Notice.svelte';
import ProblemNotice from './ProblemNotice.svelte';
import QrCode from './QrCode.svelte';
import RelativeTime from './RelativeTime.svelte';
import Steps from './Steps.svelte';
import StrengthMeter from './StrengthMeter.svelte';
import Toasts from './Toasts.svelte';

test('a busy button keeps the focus and does nothing', async () => {
  const onclick = vi.fn();
  const { rerender } = render(Button, { onclick, children: raw('<span>Save</span>') });
  const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Save' });
  await userEvent.click(button);
  await rerender({ busy: true });
  await userEvent.click(button);
  expect(onclick).toHaveBeenCalledOnce();
  expect([document.activeElement === button, button.disabled, button.getAttribute('aria-busy')]).toEqual([true, false, 'true']);
});

describe('a notice has a word and a role besides its colour', () => {
  test.each([
    ['info', false, 'note', 'Note'],
    ['success', true, 'status', 'Done'],
    ['warning', true, 'status', 'Warning'],
    ['danger', true, 'alert', 'Problem'],
  ] as const)('%s', (tone, live, role, word) => {
    render(Notice, { tone, live, children: raw('<p>Text</p>') });
    expect(screen.getByRole(role).textContent).toContain(word);
  });
});

test('a problem shows its sentence, its details on demand, and one action', async () => {
  const retry = vi.fn();
  fakeBackend();
  const problem = new ProblemError({ code: 'already_running', message: 'Use --data.', details: 'already_running\nEADDRINUSE' });
  render(ProblemNotice, { problem, retry });
  expect(screen.getByText(/^Another Latchkey is serving/)).toBeTruthy();
  expect(screen.queryByText(/--data/)).toBeNull();
  expect(screen.getByText(/EADDRINUSE/).closest('details')?.open).toBe(false);
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(retry).toHaveBeenCalledOnce();
});

describe('CopyButton', () => {
  test('copies by Go, counts down, and clears', async () => {
    const backend = fakeBackend();
    render(CopyButton, { text: 'a secret', secret: true });
    await userEvent.click(screen.getByRole('button', { name: 'Copy' }));
    expect(await screen.findByRole('button', { name: /^Copied · clears in (30|29) s$/ })).toBeTruthy();
    expect(backend.called('shell.copyText')).toEqual([[{ text: 'a secret', secret: true }]]);
    expect(screen.getByRole('status').textContent).toBe('Copied');
    await userEvent.click(screen.getByRole('button', { name: 'Clear now' }));
    expect(await screen.findByRole('button', { name: 'Copy' })).toBeTruthy();
  });

  test('says what kept it from copying', async () => {
    fakeBackend({ shell: { copyText: refuse({ code: 'clipboard_failed' }) } });
    render(CopyButton, { text: 'text' });
    render(Toasts);
    await userEvent.click(screen.getByRole('button', { name: 'Copy' }));
    expect(await screen.findByText(/The clipboard could not be reached/)).toBeTruthy();
    toasts.settle();
  });
});

test('a long fingerprint is shown whole by keyboard', async () => {
  const text = 'SHA256:aAFI5C3qJkM7Z0n4rWc2yS8tVbXeLpQ1uHgD6hYhsDk';
  render(Mono, { text, keep: 8 });
  const button = screen.getByRole('button');
  expect(button.textContent.trim()).toBe('SHA256:a…D6hYhsDk');
  await userEvent.tab();
  await userEvent.keyboard('{Enter}');
  expect(button.textContent.trim()).toBe(text);
});

test('a time is relative, and exact for who cannot hover', () => {
  render(RelativeTime, { at: Date.now() - 240_000 });
  const time = screen.getByRole('time');
  expect(time.textContent).toMatch(/^4 minutes ago, .*\d{4}/);
  expect(time.title).toMatch(/\d{4}/);
});

test('no time says so', () => {
  const { container } = render(RelativeTime, { at: 0, never: 'never used' });
  expect(container.textContent.trim()).toBe('never used');
});

test.each([
  [0, 'Very weak', 1],
  [1, 'Weak', 1],
  [2, 'Fair', 2],
  [4, 'Strong', 4],
] as const)('strength %d is a word and bars', (level, word, bars) => {
  const { container } = render(StrengthMeter, { level, weakness: 'A common word.' });
  expect(screen.getByRole('status').textContent).toContain(word);
  expect(container.querySelectorAll('.on').length).toBe(bars);
});

test('a QR code has a quiet zone and one path of its dark modules', () => {
  render(QrCode, { rows: ['101', '010', '111'], label: 'Set-up code' });
  const svg = screen.getByRole('img', { name: 'Set-up code' });
  expect(svg.getAttribute('viewBox')).toBe('0 0 11 11');
  expect(svg.querySelector('path')?.getAttribute('d')).toBe('M4 4h1v1h-1zM6 4h1v1h-1zM5 5h1v1h-1zM4 6h3v1h-3z');
});

test('steps say where they are', () => {
  render(Steps, { now: 2, of: 3 });
  expect(screen.getByRole('img', { name: 'Step 2 of 3' })).toBeTruthy();
});
