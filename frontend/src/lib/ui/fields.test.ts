import { fireEvent, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { setLanguage } from '$lib/i18n';
import { raw } from '../testing/raw';
import CodeField from './CodeField.svelte';
import Form from './Form.svelte';
import PasswordField from './PasswordField.svelte';
import RadioCards from './RadioCards.svelte';
import Select from './Select.svelte';
import Switch from './Switch.svelte';
import TextField from './TextField.svelte';

const described = (e: HTMLElement) =>
  (e.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent);

test('a field is named by its label and described by its error and hint', async () => {
  const { rerender } = render(TextField, { label: 'Name', value: '', hint: 'As you like.' });
  const field = screen.getByRole('textbox', { name: 'Name' });
  expect(described(field)).toEqual(['As you like.']);
  expect(field.getAttribute('aria-invalid')).toBeNull();
  await rerender({ error: 'Taken.' });
  expect(described(field)).toEqual(['Taken.', 'As you like.']);
  expect(field.getAttribute('aria-invalid')).toBe('true');
});

test('an error goes with the text that was refused, until the next', async () => {
  const { rerender } = render(TextField, { label: 'Name', value: 'a', error: 'Taken.' });
  const field = screen.getByRole('textbox', { name: 'Name' });
  await userEvent.type(field, 'b');
  expect([screen.queryByText('Taken.'), field.getAttribute('aria-invalid')]).toEqual([null, null]);
  await rerender({ error: undefined });
  await rerender({ error: 'Taken.' });
  expect([described(field), field.getAttribute('aria-invalid')]).toEqual([['Taken.'], 'true']);
});

test('a password is shown and hidden, and takes paste', async () => {
  render(PasswordField, { label: 'Password', value: '', autocomplete: 'current-password' });
  const field = screen.getByLabelText<HTMLInputElement>('Password');
  await userEvent.click(field);
  await userEvent.paste('correct horse');
  expect([field.value, field.type, field.autocomplete]).toEqual(['correct horse', 'password', 'current-password']);
  const show = screen.getByRole('button', { name: 'Show Password' });
  await userEvent.click(show);
  expect([field.type, show.getAttribute('aria-pressed')]).toEqual(['text', 'true']);
});

test('a password field tells of Caps Lock', async () => {
  const person = userEvent.setup();
  render(PasswordField, { label: 'Password', value: '', autocomplete: 'new-password' });
  const field = screen.getByLabelText('Password');
  await person.click(field);
  await person.keyboard('{CapsLock}a');
  expect(screen.getByText('Caps Lock is on.')).toBeTruthy();
  await person.keyboard('{CapsLock}a');
  expect(screen.queryByText('Caps Lock is on.')).toBeNull();
});

describe('CodeField', () => {
  test.each([
    ['six digits', '123456', '123456', ['123456']],
    ['a group in the middle', '123 456', '123456', ['123456']],
    ['full-width digits', '１２３４５６', '123456', ['123456']],
    ['a recovery code', 'ab12-cd34', 'ab12-cd34', []],
    ['too few digits', '12345', '12345', []],
  ])('%s', async (_, pasted, value, completed) => {
    const oncomplete = vi.fn();
    render(CodeField, { label: 'Code', value: '', oncomplete });
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'Code' });
    await userEvent.click(field);
    await userEvent.paste(pasted);
    expect(field.value).toBe(value);
    expect(oncomplete.mock.calls.flat()).toEqual(completed);
  });

  test('is for numbers and for what fills in codes', () => {
    render(CodeField, { label: 'Code', value: '' });
    const field = screen.getByRole('textbox', { name: 'Code' });
    expect([field.getAttribute('inputmode'), field.getAttribute('autocomplete')]).toEqual(['numeric', 'one-time-code']);
  });
});

describe('Form', () => {
  const fields = raw('<div><input aria-label="a"><input aria-label="b" aria-invalid="true"><button>Save</button></div>');

  test('submits, then puts the focus in the first field that is wrong', async () => {
    const onsubmit = vi.fn(() => Promise.resolve());
    render(Form, { onsubmit, children: fields });
    await userEvent.click(screen.getByRole('button'));
    expect(onsubmit).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('b')));
  });

  test.each([
    ['chosen in an input method', { key: 'Enter', isComposing: true }, false],
    ['chosen in an input method of WebKit', { key: 'Enter', keyCode: 229 }, false],
    ['pressed', { key: 'Enter' }, true],
  ])('Enter %s', async (_, init, goesOn) => {
    render(Form, { onsubmit: vi.fn(), children: fields });
    expect(await fireEvent.keyDown(screen.getByLabelText('a'), init)).toBe(goesOn);
  });
});

test('a choice among cards is a group of radio buttons', async () => {
  render(RadioCards, {
    label: 'Where?',
    value: 'own',
    choices: [
      { value: 'own', title: 'Here', text: 'On this computer.' },
      { value: 'other', title: 'Elsewhere' },
      { value: 'no', title: 'Nowhere', disabled: true },
    ],
  });
  expect(screen.getByRole('group', { name: 'Where?' })).toBeTruthy();
  const here = screen.getByRole<HTMLInputElement>('radio', { name: 'Here' });
  expect([here.checked, described(here)]).toEqual([true, ['On this computer.']]);
  await userEvent.click(screen.getByText('Elsewhere'));
  expect(here.checked).toBe(false);
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Nowhere' }).disabled).toBe(true);
});

test('a switch has a name and a state', async () => {
  render(Switch, { label: 'Start with the computer', checked: false });
  const it = screen.getByRole<HTMLInputElement>('switch', { name: 'Start with the computer' });
  await userEvent.click(it);
  expect(it.checked).toBe(true);
});

test('a select takes an empty value', async () => {
  const onchange = vi.fn();
  const choices = [
    { value: '', label: 'As the system' },
    { value: 'en', label: 'English' },
  ];
  render(Select, { label: 'Language', value: 'en', choices, onchange });
  const box = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Language' });
  expect(box.value).toBe('en');
  await userEvent.selectOptions(box, 'As the system');
  expect(onchange.mock.calls).toEqual([['']]);
  expect(box.value).toBe('');
});

test('words of the primitives follow the language', async () => {
  render(PasswordField, { label: '密码', value: '', autocomplete: 'current-password' });
  setLanguage('zh-CN');
  expect(await screen.findByRole('button', { name: '显示密码' })).toBeTruthy();
});
