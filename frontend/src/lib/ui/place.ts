const edge = 8;
const gap = 4;

/**
 * place puts a popup below its anchor, or above where there is more room, and
 * within the window. It stands where it is in the page, not in a layer of its
 * own, so that in a dialog it belongs to the dialog.
 */
export function place(popup: HTMLElement, anchor: HTMLElement, align: 'start' | 'end') {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popup;
  const below = window.innerHeight - at.bottom - gap - edge;
  const above = at.top - gap - edge;
  const down = height <= below || below >= above;
  const left = align === 'start' ? at.left : at.right - width;
  popup.style.left = `${Math.max(edge, Math.min(left, window.innerWidth - width - edge))}px`;
  popup.style.top = `${down ? at.bottom + gap : Math.max(edge, at.top - gap - Math.min(height, above))}px`;
  popup.style.maxHeight = `${down ? below : above}px`;
}
