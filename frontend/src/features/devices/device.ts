// What the screen says of devices, apart from how it looks.
import type { Device } from '$lib/backend';
import { finds } from '$lib/search';
import { text } from './text';

/** nameOf is what a device is called: in words, else what it calls itself. */
export function nameOf(device: Device): string {
  return device.name || device.agent || text.unknown;
}

/** shortOf tells a device apart from others that look the same. */
export function shortOf(device: Device): string {
  return (device.sftp ? text.shortSFTP : text.short)(device.id);
}

/**
 * twins are the ids of devices that look like another one of the list: the
 * same name, person, address and key.
 */
export function twins(devices: readonly Device[]): Set<string> {
  const look = (d: Device) => JSON.stringify([nameOf(d), d.userID, d.address, d.sftp, d.sshKey]);
  const seen = new Map<string, number>();
  for (const d of devices) seen.set(look(d), (seen.get(look(d)) ?? 0) + 1);
  return new Set(devices.filter((d) => (seen.get(look(d)) ?? 0) > 1).map((d) => d.id));
}

/** personOf is whose device it is, in a list of everybody's. */
export function personOf(device: Device): string {
  return device.username || text.unnamed(device.userID);
}

/** people counts the persons whose devices these are. */
export function people(devices: readonly Device[]): number {
  return new Set(devices.map((d) => d.userID)).size;
}

/** matching returns the devices that have each word of a filter somewhere. */
export function matching(devices: readonly Device[], filter: string): readonly Device[] {
  const fits = finds(filter);
  return devices.filter((d) => fits([d.name, d.agent, d.username, d.address, d.sshKey].join('\n')));
}
