/**
 * outside moves an element to the end of the page while its component lives,
 * as for what only the printer gets: <div {@attach outside}>.
 */
export function outside(element: HTMLElement) {
  document.body.append(element);
  return () => element.remove();
}
