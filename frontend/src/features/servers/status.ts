import type { OwnStatus, Server } from '$lib/backend';
import { clock, date } from '$lib/i18n';
import { text } from './text';

/** How a server stands, as a shape and a word. */
export interface Standing {
  mark: 'good' | 'off' | 'warning' | 'bad' | 'busy';
  word: string;
}

const DAY = 24 * 3_600_000;

/** moment is a time that may be today's or older: "14:02" or "12 November 2026". */
export function moment(at: number, now: number): string {
  return Math.abs(now - at) < DAY ? clock(at) : date(at);
}

function ownStanding(own: OwnStatus, server: Server): Standing {
  const t = text.state;
  switch (own.state) {
    case 'running':
      return server.state === 'signed_out' ? { mark: 'good', word: t.runningOut } : { mark: 'good', word: t.running };
    case 'elsewhere':
      return { mark: 'good', word: t.elsewhere };
    case 'starting':
      return { mark: 'busy', word: t.starting };
    case 'failed':
      return { mark: 'bad', word: t.failed };
    case 'stopped':
    case 'absent':
      return { mark: 'off', word: t.stopped };
  }
}

/** standing says how a server stands. What this run has not looked at yet is not claimed. */
export function standing(server: Server, own: OwnStatus | null, now: number): Standing {
  const t = text.state;
  if (server.own && own) return ownStanding(own, server);
  if (!server.checked) return { mark: 'busy', word: t.looking };
  switch (server.state) {
    case 'unknown':
      return { mark: 'busy', word: t.looking };
    case 'signed_in':
      return { mark: 'good', word: t.signedIn };
    case 'signed_out':
      return { mark: 'off', word: t.signedOut };
    case 'offline':
      return { mark: 'bad', word: t.offlineSince(moment(server.since, now)) };
    case 'certificate_untrusted':
      return { mark: 'warning', word: t.untrusted };
    case 'certificate_changed':
      return { mark: 'bad', word: t.changed };
  }
}

/** pairs are the bytes of a fingerprint of a certificate, however it is written. */
export function pairs(fingerprint: string): string[] {
  return fingerprint.toUpperCase().replace(/[^0-9A-F]/g, '').match(/../g) ?? [];
}
