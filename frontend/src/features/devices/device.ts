// What the screen says of devices, apart from how it looks.
import type { Device } from '$lib/backend';
import { text } from './text';

/** nameOf is what a device is called: in words, else what it calls itself. */
export function nameOf(device: Device): string {
  return device.name || device.agent || text.unknown;
}

/** personOf is whose device it is, in a list of everybody's. */
export function personOf(device: Device): string {
  return device.username || text.unnamed(device.userID);
}

/** people counts the persons whose devices these are. */
export function people(devices: readonly Device[]): number {
  return new Set(devices.map((d) => d.userID)).size;
}

// What a filter looks through, made once for each device.
const folded = new WeakMap<Device, string>();
function haystack(device: Device): string {
  let all = folded.get(device);
  if (all === undefined) {
    all = [device.name, device.agent, device.username, device.address].join('\n').toLowerCase();
    folded.set(device, all);
  }
  return all;
}

/** matching returns the devices that have each word of a filter somewhere. */
export function matching(devices: readonly Device[], filter: string): readonly Device[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length ? devices.filter((d) => words.every((w) => haystack(d).includes(w))) : devices;
}
