// What a paste or a drop has in it.
import { api } from '$lib/backend';
import { intake } from './intake.svelte';

/** The most that is read of a picture, in bytes; Go refuses one byte more. */
const most = 64 * 1024 * 1024;

const base64 = (file: Blob) =>
  new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(file.slice(0, most + 3));
  });

/** takeData hands in what was pasted or dropped; false if there is nothing in it. Pasted pictures have no name of their own. */
export function takeData(data: DataTransfer | null, { pasted }: { pasted: boolean }): boolean {
  const files = [...(data?.files ?? [])];
  const written = data?.getData('text/plain') ?? '';
  for (const file of files) {
    void intake.take(async () => api.intake.picture({ name: pasted ? '' : file.name || 'image', data: await base64(file) }));
  }
  if (files.length === 0 && written.trim()) void intake.take(() => api.intake.text(written));
  return files.length > 0 || written.trim() !== '';
}
