import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { fakeBackend, type Overrides, refuse } from '$lib/backend/fake';
import { toasts } from '$lib/state';
import Export from './Export.svelte';

const onclose = vi.fn();
function show(ids: string[] = [], codes: Overrides['codes'] = {}) {
  const backend = fakeBackend({ codes });
  render(Export, { onclose, ids });
  return backend;
}
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));
beforeEach(() => {
  onclose.mockReset();
  toasts.settle();
});

test('is encrypted unless somebody says otherwise', async () => {
  const backend = show([], { export: refuse({ code: 'backup_password_missing', field: 'password' }) });
  expect(screen.getByText(/Not in it: what is in the trash/)).toBeTruthy();
  await press('Choose a file…');
  const password = screen.getByLabelText(/^Password of the file/);
  await vi.waitFor(() => expect(password.getAttribute('aria-invalid')).toBe('true'));
  backend.answer({ codes: { export: () => '/home/ann/codes.json' } });
  await userEvent.type(password, 'three lamps and a boat{Enter}');
  await vi.waitFor(() => expect(onclose).toHaveBeenCalledOnce());
  expect(backend.called('codes.export').at(-1)).toEqual([{ ids: [], format: 'aegis', plain: false, password: 'three lamps and a boat' }]);
  expect(toasts.list.at(-1)?.text).toBe('Written to /home/ann/codes.json.');
});

test('a file that opens to anybody wants a word typed, and a password is not sent with it', async () => {
  const backend = show(['e1']);
  await userEvent.type(screen.getByLabelText(/^Password of the file/), 'canary');
  await userEvent.click(screen.getByRole('radio', { name: 'Sheet to print' }));
  await press('Go on…');
  expect(backend.called('codes.export')).toEqual([]);
  await userEvent.type(await screen.findByLabelText(/not encrypted/), 'not encrypted{Enter}');
  await vi.waitFor(() => expect(onclose).toHaveBeenCalledOnce());
  expect(backend.called('codes.export')).toEqual([[{ ids: ['e1'], format: 'sheet', plain: true, password: '' }]]);
});

test('who thinks better of it in the dialog is where they were', async () => {
  const backend = show([], { export: () => '' });
  await userEvent.type(screen.getByLabelText(/^Password of the file/), 'three lamps and a boat{Enter}');
  await vi.waitFor(() => expect(backend.called('codes.export')).toHaveLength(1));
  expect(onclose).not.toHaveBeenCalled();
});
