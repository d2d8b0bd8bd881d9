// Writes points in time as Access V1 does: German local time, without a zone.

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

/** Like `2026-03-30 14:05:00.000`. */
export function germanTimestamp(ms: number): string {
  const part = Object.fromEntries(berlin.formatToParts(ms).map(({ type, value }) => [type, value]));
  const fraction = String(((Math.floor(ms) % 1000) + 1000) % 1000).padStart(3, '0');
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}.${fraction}`;
}

/** Like `2026-03-30`. */
export const germanDay = (ms: number): string => germanTimestamp(ms).slice(0, 10);
