import { language } from './language.svelte';

export type Text = string | ((...values: never[]) => string);
export interface Texts {
  [key: string]: Text | Texts;
}

// The same keys with the same parameters; only the words differ.
type Translated<T> = {
  [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...values: infer V) => string
      ? (...values: V) => string
      : Translated<T[K]>;
};

/**
 * catalogue holds the texts of one feature. English is the type; Chinese must
 * have every key of it. What it returns reads like the English object and gives
 * the words of the language in use, so markup that reads it follows a change.
 */
export function catalogue<T extends Texts>(en: T, zh: Translated<T>): T {
  const out = {};
  for (const key of Object.keys(en)) {
    const english = en[key];
    const chinese = zh[key as keyof T];
    const nested =
      typeof english === 'object' ? catalogue(english, chinese as Translated<Texts>) : undefined;
    Object.defineProperty(out, key, {
      enumerable: true,
      get: () => nested ?? (language() === 'zh-CN' ? chinese : english),
    });
  }
  return out as T;
}
