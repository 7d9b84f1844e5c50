/** Texts that are the same in both languages: names, and what is no word. */
export const same: string[] = [
  'Latchkey',
  'English',
  '中文',
  'SFTP',
  'SHA-256',
  'MD5',
  'Ed25519',
  'ECDSA 256',
  'ECDSA 384',
  'ECDSA 521',
  'RSA 3072',
  'RSA 4096',
];
