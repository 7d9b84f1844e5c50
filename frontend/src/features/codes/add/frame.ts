/** A frame on a picture, in fractions of its sides. */
export interface Frame {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const within = (n: number) => Math.min(1, Math.max(0, n));
const least = 0.02;

/** drawn is the frame between two places. */
export function drawn(a: { x: number; y: number }, b: { x: number; y: number }): Frame {
  const left = Math.min(within(Math.min(a.x, b.x)), 1 - least);
  const top = Math.min(within(Math.min(a.y, b.y)), 1 - least);
  return {
    left,
    top,
    right: Math.max(within(Math.max(a.x, b.x)), left + least),
    bottom: Math.max(within(Math.max(a.y, b.y)), top + least),
  };
}

/** moved is the frame after an arrow: elsewhere, or with another right and lower side. Other keys are null. */
export function moved(f: Frame, key: string, resize: boolean): Frame | null {
  const step = 0.02;
  const x = { ArrowLeft: -step, ArrowRight: step }[key] ?? 0;
  const y = { ArrowUp: -step, ArrowDown: step }[key] ?? 0;
  if (!x && !y) return null;
  if (resize) {
    return { ...f, right: Math.max(within(f.right + x), f.left + least), bottom: Math.max(within(f.bottom + y), f.top + least) };
  }
  const dx = Math.min(Math.max(x, -f.left), 1 - f.right);
  const dy = Math.min(Math.max(y, -f.top), 1 - f.bottom);
  return { left: f.left + dx, top: f.top + dy, right: f.right + dx, bottom: f.bottom + dy };
}
