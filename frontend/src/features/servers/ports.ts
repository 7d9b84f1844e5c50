/** parsePort reads a port from 1 to 65535 as it was typed; undefined for anything else. */
export function parsePort(typed: string): number | undefined {
  const text = typed.trim();
  const port = Number(text);
  return /^[0-9]{1,5}$/.test(text) && port >= 1 && port <= 65535 ? port : undefined;
}
