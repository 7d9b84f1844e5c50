import { describe, expect, test } from 'vitest';
import { text as devices } from '../src/features/devices/text';
import { text as palette } from '../src/features/palette/text';
import { text as settings } from '../src/features/settings/text';
import { text as vault } from '../src/features/vault/text';
import { text as shell } from '../src/text';
import { useDesk } from './harness/desk';
import { languages, setLanguage } from './harness/language';
import { button, by, call, dialog, focused, goTo, shows, title } from './harness/page';

describe.each(languages)('settings in %s', (language) => {
  const desk = useDesk({ language, vault: 'keyring', own: true });
  const choose = (label: string, value: string) => by(desk.page, 'combobox', label).selectOption({ label: value });
  const themeOf = () => desk.page.evaluate(() => document.documentElement.dataset['theme']);

  test('another language is there at once, and back', async () => {
    const { page } = desk;
    await goTo(page, shell.screens.settings);
    await title(page, settings.title);
    const [other, name, back] = language === 'en' ? (['zh-CN', '简体中文', 'English'] as const) : (['en', 'English', '简体中文'] as const);
    await choose(settings.look.language, name);
    setLanguage(other);
    await title(page, settings.title);
    await shows(page, shell.screens.devices);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(other);
    await choose(settings.look.language, back);
    setLanguage(language);
    await title(page, settings.title);
  });

  test('the theme follows the choice, and the system where there is none', async () => {
    const { page } = desk;
    await choose(settings.look.theme, settings.look.dark);
    await expect.poll(themeOf).toBe('dark');
    await choose(settings.look.theme, settings.look.system);
    await expect.poll(themeOf).toBe('light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(themeOf).toBe('dark');
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('are kept', async () => {
    await choose(settings.window.clipboard, settings.window.after(60));
    await expect.poll(async () => (await call<{ clipboardSeconds: number }>(desk.page, 'Settings.Get')).clipboardSeconds).toBe(60);
    await desk.reopen();
    await by(desk.page, 'list', vault.panel.title).waitFor(); // the screen of the last time
    expect(await by(desk.page, 'combobox', settings.window.clipboard).inputValue()).toBe('60');
  });

  test('the palette finds a command, and gives the focus back', async () => {
    const { page } = desk;
    const opener = button(page, settings.about.copy);
    await opener.focus();
    await page.keyboard.press('Control+k');
    await dialog(page, palette.palette).waitFor();
    await page.keyboard.type('zzzz');
    await shows(page, palette.none);
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe(settings.about.copy);
    await page.keyboard.press('Control+k');
    await page.keyboard.type(shell.screens.devices);
    await page.keyboard.press('Enter');
    await title(page, devices.titleOne);
  });

  test('the list of shortcuts names them, and no shortcut works in a dialog', async () => {
    const { page } = desk;
    await page.keyboard.press('?');
    const sheet = dialog(page, palette.shortcuts);
    await shows(sheet, shell.lock);
    await page.keyboard.press('Control+l');
    await page.keyboard.press('Escape');
    await title(page, devices.titleOne);
  });
});
