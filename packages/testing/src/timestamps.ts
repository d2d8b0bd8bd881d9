// Writes points in time as the APIs do, each in its own way.

const berlin = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/Berlin',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** As Access V1 does: German local time without a zone, like `2026-03-30 14:05:00.000`. */
export function germanTimestamp(ms: number): string {
  const part = Object.fromEntries(berlin.formatToParts(ms).map(({ type, value }) => [type, value]));
  const fraction = String(((Math.floor(ms) % 1000) + 1000) % 1000).padStart(3, '0');
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}.${fraction}`;
}

/** A day in Germany, like `2026-03-30`. */
export const germanDay = (ms: number): string => germanTimestamp(ms).slice(0, 10);

/** As Access V2 does, by RFC 3339, like `2026-03-30T12:05:00.000Z`. */
export const utcTimestamp = (ms: number): string => new Date(ms).toISOString();

/** As Web Form does, with an offset that RFC 3339 does not know, like `2026-03-30T12:05:00.000+0000`. */
export const offsetTimestamp = (ms: number): string => utcTimestamp(ms).replace('Z', '+0000');
