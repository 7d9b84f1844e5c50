// What the screen says of files, and in which order, apart from how it looks.
import type { FileEntry, Transfer } from '$lib/backend';
import { locale, spaced } from '$lib/i18n';
import type { Order } from '$lib/ui';
import { text } from './text';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'];

/** bytes is a length for people: "13 byte", "1.2 MB". */
export function bytes(n: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor((String(Math.floor(n)).length - 1) / 3)));
  const unit = units[power] ?? 'byte';
  const digits = power > 0 && n / 1000 ** power < 100 ? 1 : 0;
  const format = new Intl.NumberFormat(locale(), {
    style: 'unit', unit, unitDisplay: power > 0 ? 'short' : 'long', maximumFractionDigits: digits,
  });
  return spaced(format.format(n / 1000 ** power));
}

/** sorted puts entries into an order, folders before files. */
export function sorted(entries: readonly FileEntry[], { by, down }: Order): FileEntry[] {
  const names = new Intl.Collator(locale(), { numeric: true });
  const sign = down ? -1 : 1;
  const compare = (a: FileEntry, b: FileEntry) => {
    if (by === 'size') return a.size - b.size;
    if (by === 'changed') return a.modified - b.modified;
    return 0;
  };
  return [...entries].sort((a, b) => Number(b.folder) - Number(a.folder) || sign * (compare(a, b) || names.compare(a.name, b.name)));
}

/** isOpen tells whether something is still on its way. */
export const isOpen = (t: Transfer) => t.state === 'waiting' || t.state === 'running' || t.state === 'asking';

/** standing is how something on its way stands, in words. */
export function standing(t: Transfer): string {
  switch (t.state) {
    case 'waiting':
      return text.moving.waiting;
    case 'asking':
      return text.moving.asking;
    case 'running':
      return [t.up ? text.moving.up : text.moving.down, t.size > 0 ? text.moving.of(bytes(t.done), bytes(t.size)) : ''].filter(Boolean).join(' · ');
    case 'done':
      return [t.up ? text.moving.upDone : text.moving.downDone, t.files > 0 ? text.moving.files(t.files) : '', bytes(t.size)].filter(Boolean).join(' · ');
    case 'skipped':
      return text.moving.skipped;
    default:
      return [text.moving.cancelled, t.files > 0 ? text.moving.files(t.files) : ''].filter(Boolean).join(' · ');
  }
}
