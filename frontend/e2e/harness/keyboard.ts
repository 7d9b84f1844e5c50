// A person without a mouse.
import type { Page } from 'playwright-core';
import { focused } from './page';

/** tabTo presses Tab until something of that name has the focus. */
export async function tabTo(page: Page, name: string, fits: () => Promise<boolean> = () => Promise.resolve(true)) {
  const passed: string[] = [];
  for (let n = 0; n < 60; n++) {
    const now = await focused(page);
    if (now === name && (await fits())) return;
    passed.push(now);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached “${name}”, but: ${passed.join(' | ')}`);
}

/** press moves to a control and presses it. */
export async function press(page: Page, name: string) {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

/** enter moves to a field and types into it, over what is there. */
export async function enter(page: Page, label: string, text: string) {
  await tabTo(page, label, () => page.evaluate(() => document.activeElement?.matches('input:not([type="radio"]), textarea') ?? false));
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}
