// Pictures of QR codes and backups, and the events that bring them to the page.
import { execFileSync } from 'node:child_process';
import { createCipheriv, randomBytes, scryptSync } from 'node:crypto';
import type { Page } from 'playwright-core';

/** qrOf is a picture of a QR code, as qrencode draws it. */
export const qrOf = (text: string): Buffer => execFileSync('qrencode', ['-o', '-', '-s', '5', text]);

/** onCamera is what the QR code before the browser's camera says. */
export const onCamera = 'otpauth://totp/Doorbell:ann?secret=NBSWY3DPEB3W64TMMQQQ';

/** filmOf is a film in which nothing happens: a QR code before a camera, as one JPEG after the other. */
export function filmOf(text: string): Buffer {
  const frame = execFileSync('convert', ['-size', '640x480', 'xc:white', '-', '-gravity', 'center', '-composite', '-quality', '90', 'jpg:-'], { input: qrOf(text) });
  return Buffer.concat(Array.from({ length: 30 }, () => frame));
}

const given = (content: Buffer, name: string, type: string) => ({ content: content.toString('base64'), name, type });

// A real event, at the element that has the focus, as the browser makes it.
async function transfer(page: Page, kind: 'paste' | 'drop', file: ReturnType<typeof given> | null, text: string) {
  await page.evaluate(
    ({ kind, file, text }) => {
      const data = new DataTransfer();
      if (file) {
        const bytes = Uint8Array.from(atob(file.content), (c) => c.charCodeAt(0));
        data.items.add(new File([bytes], file.name, { type: file.type }));
      } else data.setData('text/plain', text);
      const target = document.activeElement ?? document.body;
      const common = { bubbles: true, cancelable: true };
      target.dispatchEvent(
        kind === 'paste' ? new ClipboardEvent('paste', { ...common, clipboardData: data }) : new DragEvent('drop', { ...common, dataTransfer: data }),
      );
    },
    { kind, file, text },
  );
}

export const paste = (page: Page, content: Buffer, type: string) => transfer(page, 'paste', given(content, 'image.png', type), '');
export const pasteText = (page: Page, text: string) => transfer(page, 'paste', null, text);
export const drop = (page: Page, content: Buffer, name: string) => transfer(page, 'drop', given(content, name, ''), '');

/** backupOf is a backup of Aegis with one code, encrypted with a password. */
export function backupOf(password: string): Buffer {
  const seal = (key: Buffer, content: Buffer) => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
    return { sealed, params: { nonce: nonce.toString('hex'), tag: cipher.getAuthTag().toString('hex') } };
  };
  const [master, salt] = [randomBytes(32), randomBytes(32)];
  const slot = seal(scryptSync(password, salt, 32, { N: 32768, r: 8, p: 1, maxmem: 128 << 20 }), master);
  const info = { secret: 'MFRGGZDFMZTWQ2LK', algo: 'SHA1', digits: 6, period: 30 };
  const entry = { type: 'totp', uuid: '01234567-89ab-cdef-0123-456789abcdef', name: 'ann', issuer: 'Bank', note: '', favorite: false, info, groups: [] };
  const db = seal(master, Buffer.from(JSON.stringify({ version: 3, entries: [entry], groups: [] })));
  const key = { type: 1, uuid: entry.uuid, key: slot.sealed.toString('hex'), key_params: slot.params, n: 32768, r: 8, p: 1, salt: salt.toString('hex'), repaired: true };
  return Buffer.from(JSON.stringify({ version: 1, header: { slots: [key], params: db.params }, db: db.sealed.toString('base64') }));
}
