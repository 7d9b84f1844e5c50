import { fireEvent, render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { fakeBackend, problemOf, refuse } from '$lib/backend/fake';
import * as samples from '$lib/backend/samples';
import type { IntakeFound, IntakeMiss, IntakeState } from '$lib/backend';
import Codes from '../Codes.svelte';
import AddCodes from './AddCodes.svelte';
import { drawn, moved } from './frame';
import { intake } from './intake.svelte';
import { text } from './text';

const { found, nothingFound } = samples;
const props = () => ({ onclose: vi.fn(), onadded: vi.fn() });
const of = (change: Partial<IntakeState>): IntakeState => ({ ...nothingFound, ...change });
const another = (change: Partial<IntakeFound>): IntakeFound => ({ ...found, id: '2.1.1', ...change });
const miss: IntakeMiss = {
  from: { ...found.from, piece: '9', name: 'small.png', code: 0, of: 0 }, at: 0, name: '', problem: problemOf('qr_none'), width: 0, height: 0,
};

beforeEach(() => intake.receive(nothingFound));

async function surface(state: IntakeState, more: Parameters<typeof fakeBackend>[0] = {}) {
  const backend = fakeBackend({ ...more, intake: { state: () => state, ...more.intake } });
  const given = props();
  render(AddCodes, given);
  if (state !== nothingFound) await screen.findByRole('button', { name: text.discard });
  return { backend, ...given };
}

test('what was found is shown before it is stored, and stored as chosen', async () => {
  const { backend, onadded } = await surface(of({ found: [found, another({ account: 'bob' })] }));
  const rows = within(screen.getByRole('list', { name: text.found }));
  await userEvent.click(rows.getByRole('checkbox', { name: /bob/ }));
  expect(backend.called('intake.keep')).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: text.add(1) }));
  expect(backend.called('intake.keep')).toEqual([[[{ id: '1.1.1', issuer: 'GitHub', account: 'ann', replaces: '', server: '', username: '' }]]]);
  expect(onadded).toHaveBeenCalledWith(['0']);
});

test('what is there already is not ticked, and nothing that loses anything is chosen', async () => {
  const { backend } = await surface(
    of({ found: [another({ state: 'known', existing: 'k' }), { ...found, state: 'namesake', existing: 'n', existingAt: samples.noon }] }),
  );
  const boxes = within(screen.getByRole('list', { name: text.found })).getAllByRole<HTMLInputElement>('checkbox');
  expect(boxes.map((b) => b.checked)).toEqual([false, false]);
  expect(screen.getByRole('button', { name: text.add(0) })).toHaveProperty('disabled', true);
  const [, namesake] = boxes;
  if (namesake) await userEvent.click(namesake);
  expect(screen.getByRole<HTMLInputElement>('radio', { name: text.both }).checked).toBe(true);
  await userEvent.click(screen.getByRole('radio', { name: text.replace }));
  await userEvent.click(screen.getByRole('button', { name: text.add(1) }));
  expect(backend.called('intake.keep')).toMatchObject([[[{ replaces: 'n' }]]]);
});

test('a code without a name asks for it in its row', async () => {
  const { backend } = await surface(of({ found: [another({ issuer: '', account: '' })] }));
  await userEvent.click(screen.getByRole('button', { name: text.add(1) }));
  expect(await screen.findByText(text.nameFirst)).toBeTruthy();
  expect(backend.called('intake.keep')).toEqual([]);
  await userEvent.type(screen.getByLabelText(text.issuer), 'Bank');
  await userEvent.click(screen.getByRole('button', { name: text.add(1) }));
  expect(backend.called('intake.keep')).toMatchObject([[[{ issuer: 'Bank' }]]]);
});

test('an account is linked only where somebody wants it, or both names are the same', async () => {
  const link = { server: 's1', name: 'NAS', username: 'ann', exact: false };
  const { backend } = await surface(of({ found: [{ ...found, link }, another({ link: { ...link, server: 's2', exact: true } })] }));
  await userEvent.click(screen.getByRole('button', { name: text.add(2) }));
  expect(backend.called('intake.keep')).toMatchObject([[[{ server: '' }, { server: 's2', username: 'ann' }]]]);
});

test('a wrong password keeps what was typed', async () => {
  await surface(of({ waiting: [{ id: '3', name: 'aegis.json' }] }), { intake: { password: refuse({ code: 'backup_password_wrong' }) } });
  const field = screen.getByLabelText<HTMLInputElement>(text.password);
  await userEvent.type(field, 'wrong');
  await userEvent.click(screen.getByRole('button', { name: text.open }));
  expect(await screen.findByText(problemOf('backup_password_wrong').message)).toBeTruthy();
  expect(field.value).toBe('wrong');
});

test('what could not be read is named, with the size of a small picture and a frame to look in', async () => {
  const small = { ...miss, problem: problemOf('qr_image_small'), width: 60, height: 40 };
  const { backend } = await surface(of({ missed: [miss, small] }), { intake: { crop: refuse({ code: 'qr_unreadable' }) } });
  expect(screen.getByText(text.small(60, 40))).toBeTruthy();
  expect(screen.getByText(problemOf('qr_none').message)).toBeTruthy();
  const frame = await screen.findByRole('button', { name: text.frame });
  await fireEvent.keyDown(frame, { key: 'ArrowRight' });
  await userEvent.click(screen.getByRole('button', { name: text.readPart }));
  expect(backend.called('intake.crop')).toMatchObject([[{ id: '9', left: expect.closeTo(0.17) as number, top: 0.15 }]]);
  expect(await screen.findByText(problemOf('qr_unreadable').message)).toBeTruthy();
});

test('parts that are missing are named', async () => {
  await surface(of({ found: [found], batches: [{ size: 3, missing: [2, 3] }] }));
  expect(screen.getByText(text.batchText([2, 3]))).toBeTruthy();
});

test('a pasted text is handed in, unless it goes into a field', async () => {
  const { backend } = await surface(nothingFound);
  await userEvent.click(screen.getByRole('button', { name: text.ways.type }));
  const data = { files: [], getData: () => 'otpauth://totp/a?secret=JBSWY3DPEHPK3PXP' };
  await fireEvent.paste(screen.getByLabelText(text.secret), { clipboardData: data });
  expect(backend.called('intake.text')).toEqual([]);
  await fireEvent.paste(document.body, { clipboardData: data });
  await screen.findByRole('list', { name: text.found });
  expect(backend.called('intake.text')).toEqual([[data.getData()]]);
});

test('a dropped picture crosses as what it is', async () => {
  const { backend } = await surface(nothingFound);
  const file = new File(['picture'], 'shot.png', { type: 'image/png' });
  await fireEvent.drop(document.body, { dataTransfer: { files: [file], getData: () => '' } });
  await screen.findByRole('list', { name: text.found });
  expect(backend.called('intake.picture')).toEqual([[{ name: 'shot.png', data: btoa('picture') }]]);
});

test('what Go reads by itself is announced', async () => {
  const { backend } = await surface(nothingFound);
  backend.emit('intake:reading', null);
  expect((await screen.findAllByText(text.reading)).length).toBeGreaterThan(0);
  backend.emit('intake', { state: of({ found: [found] }), problem: null });
  expect(await screen.findByText(text.heard(1, 0))).toBeTruthy();
});

test('what is dropped on the list of codes opens the surface', async () => {
  const backend = fakeBackend({ intake: { state: () => nothingFound } });
  render(Codes);
  await vi.waitFor(() => expect(backend.called('codes.list')).not.toEqual([]));
  backend.emit('intake:reading', null);
  expect(await screen.findByRole('heading', { name: text.title })).toBeTruthy();
});

test('a typed code shows what is wrong at its field', async () => {
  await surface(nothingFound, { intake: { type: refuse({ code: 'otp_digits_invalid', field: 'digits' }) } });
  await userEvent.click(screen.getByRole('button', { name: text.ways.type }));
  await userEvent.type(screen.getByLabelText(text.secret), 'JBSWY3DPEHPK3PXP');
  await userEvent.click(screen.getByRole('button', { name: text.typeDo }));
  expect(await screen.findByText(problemOf('otp_digits_invalid').message)).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>(text.secret).value).toBe('JBSWY3DPEHPK3PXP');
});

test('leaving keeps what was found, and starting over does not', async () => {
  const { backend, onclose } = await surface(of({ found: [found] }));
  await userEvent.click(screen.getByRole('button', { name: text.back }));
  expect(onclose).toHaveBeenCalled();
  expect(backend.called('intake.clear')).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: text.discard }));
  expect(backend.called('intake.clear')).toEqual([[]]);
});

test('two hundred are shown by and by, and chosen together', async () => {
  const many = Array.from({ length: 200 }, (_, n) => another({ id: String(n), account: `user ${n}` }));
  await surface(of({ found: many }));
  expect(within(screen.getByRole('list', { name: text.found })).getAllByRole('checkbox')).toHaveLength(50);
  expect(screen.getByRole('button', { name: text.add(200) })).toBeTruthy();
  await userEvent.click(screen.getByRole('checkbox', { name: text.all }));
  expect(screen.getByRole('button', { name: text.add(0) })).toBeTruthy();
});

test('a frame stays on the picture, and has a size', () => {
  expect(drawn({ x: 0.8, y: -3 }, { x: 0.2, y: 0.5 })).toEqual({ left: 0.2, top: 0, right: 0.8, bottom: 0.5 });
  const dot = drawn({ x: 1, y: 1 }, { x: 1, y: 1 });
  expect(dot.right - dot.left).toBeGreaterThan(0);
  const corner = { left: 0.5, top: 0.5, right: 1, bottom: 1 };
  expect(moved(corner, 'ArrowRight', false)).toEqual(corner);
  expect(moved(corner, 'ArrowLeft', true)?.right).toBeCloseTo(0.98);
  expect(moved(corner, 'a', false)).toBeNull();
});
