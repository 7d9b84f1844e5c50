import type { IntakeFound, IntakeMiss, IntakeOrigin } from '$lib/backend';
import { say } from '$lib/errors';
import { text } from './text';

/** fileOf is what a file is called, or what takes the place of its name. */
export const fileOf = (from: IntakeOrigin): string => from.name || text.from[from.way];

/** where says where something was: file, which code of it, which part of an export. */
export function where(from: IntakeOrigin): string {
  const words = [fileOf(from)];
  if (from.of > 1) words.push(text.from.code(from.code, from.of));
  if (from.parts > 1) words.push(text.from.part(from.part, from.parts));
  return words.join(' · ');
}

/** kindOf names what is unusual about a code. */
export function kindOf(f: IntakeFound): string[] {
  if (f.kind === 'steam') return [text.kind.steam];
  const words: string[] = [];
  if (f.kind === 'hotp') words.push(text.kind.hotp);
  if (f.digits !== 6) words.push(text.kind.digits(f.digits));
  if (f.kind === 'totp' && f.period !== 30) words.push(text.kind.seconds(f.period));
  if (f.algorithm !== 'SHA1') words.push(f.algorithm);
  return words;
}

/** whereMissed says where it was that something was not understood. */
export function whereMissed(m: IntakeMiss): string {
  const words = [where(m.from)];
  if (m.at > 0 && m.from.of === 0 && (m.at > 1 || m.name)) words.push(text.from.line(m.at));
  if (m.name) words.push(m.name);
  return words.join(' · ');
}

/** why says why something was not understood, with the size of a picture that is too small. */
export function why(m: IntakeMiss): string {
  if (m.problem?.code === 'qr_image_small' && m.width > 0) return text.small(m.width, m.height);
  return m.problem ? say(m.problem) : '';
}
