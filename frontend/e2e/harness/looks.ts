// What must hold for every screen and dialog, whatever it shows.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { type Language, languages } from './language';
import { pictures } from './places';

type Theme = 'light' | 'dark';

/**
 * looks are what screens are looked at in. What fits is a matter of the language,
 * and what can be read one of the theme, so that two say what four would; people
 * get to see all four.
 */
export const looks: readonly (readonly [Language, Theme])[] = pictures
  ? languages.flatMap((language) => (['light', 'dark'] as const).map((theme) => [language, theme] as const))
  : [['en', 'light'], ['zh-CN', 'dark']];

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** look says what is wrong with what is on the screen, in its usual size and, but for menus, which close, at 200 %. */
export async function look(page: Page, name: string, menu = false): Promise<string[]> {
  const size = page.viewportSize() ?? { width: 1100, height: 760 };
  await page.evaluate(() => document.fonts.ready);
  const found = [...(await accessible(page)), ...(await unfit(page))];
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
  if (menu) return found.map((what) => `${name}: ${what}`);
  await page.setViewportSize({ width: size.width / 2, height: size.height / 2 });
  await settled(page);
  found.push(...(await unfit(page)).map((what) => `at 200 %: ${what}`));
  if (pictures) await page.screenshot({ path: join(pictures, `${name}-zoomed.png`) });
  await page.setViewportSize(size);
  await settled(page);
  return found.map((what) => `${name}: ${what}`);
}

/** settled waits until what follows a change of size or of the focus is drawn. */
const settled = (page: Page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

async function accessible(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  // Only what is wrong is described and sent over: the rest would be most of the work.
  const violations = await page.evaluate(async () => {
    const { run } = (window as unknown as { axe: { run: (options: RunOptions) => Promise<AxeResults> } }).axe;
    return (await run({ resultTypes: ['violations'] })).violations;
  });
  return violations.flatMap((v) => v.nodes.map((node) => `${v.id} (${v.help}): ${node.target.join(' ')} ${node.any[0]?.message ?? ''}`));
}

/** unfit is what still does not fit a moment after a change of size: a busy machine draws in steps. */
async function unfit(page: Page): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const found = await fits(page);
    if (found.length === 0 || tries === 10) return found;
    await page.waitForTimeout(200);
  }
}

/** fits finds text that is cut off or that lies outside its box. */
function fits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const root = document.querySelector('dialog[open]') ?? document.body;
    const name = (e: Element) => `<${e.tagName.toLowerCase()} class="${e.className}"> “${(e.textContent || '').trim().slice(0, 40)}”`;
    if (document.documentElement.scrollWidth > window.innerWidth) found.push('the window scrolls sideways');

    for (const e of [root, ...root.querySelectorAll('*')]) {
      const style = getComputedStyle(e);
      const scrolls = /auto|scroll/.test(style.overflowX);
      if (scrolls && e.scrollWidth > e.clientWidth + 1 && !e.matches('pre, textarea')) found.push(`scrolls sideways: ${name(e)}`);

      const own = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent?.trim());
      if (!own || !e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      // Only heard, not seen.
      if (e.closest('.heard, option') || e.getBoundingClientRect().width <= 1) continue;
      const range = document.createRange();
      range.selectNodeContents(e);
      const text = range.getBoundingClientRect();

      // The nearest box that cuts off what is too wide for it.
      let box: Element | null = e;
      while (box && getComputedStyle(box).overflowX === 'visible') box = box.parentElement;
      if (!box || box === document.documentElement || box === document.body) {
        if (text.right > window.innerWidth + 1 || text.left < -1) found.push(`outside the window: ${name(e)}`);
        continue;
      }
      if (/auto|scroll/.test(getComputedStyle(box).overflowX)) continue; // said above
      const edge = box.getBoundingClientRect();
      const cut = text.right > edge.right + 1 || text.left < edge.left - 1;
      if (cut && !e.closest('[title]')) found.push(`cut off without a title: ${name(e)}`);
    }
    return found;
  });
}

/** rings goes through the page with Tab and says where the focus cannot be seen. */
export async function rings(page: Page): Promise<string[]> {
  const found: string[] = [];
  let first = '';
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press('Tab');
    await settled(page);
    const [at, problem] = await page.evaluate(() => {
      const now = document.activeElement;
      if (!(now instanceof HTMLElement) || now === document.body) return ['', ''] as const;
      const box = now.getBoundingClientRect();
      const which = `${now.tagName} ${now.ariaLabel ?? now.innerText.slice(0, 40)} ${Math.round(box.x)},${Math.round(box.y)}`;
      // A card or tile around a radio button has the ring in its place.
      const ringed = [now, now.parentElement, now.parentElement?.parentElement].some((e) => {
        const style = e && getComputedStyle(e);
        return style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      });
      const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      const seen = top !== null && (now.contains(top) || top.contains(now) || now.closest('label')?.contains(top));
      return [which, ringed ? (seen ? '' : 'is hidden behind something') : 'has no ring'] as const;
    });
    if (!at) continue;
    if (at === first) break;
    first ||= at;
    if (problem) found.push(`${at}: ${problem}`);
  }
  return found;
}
