// Reads the three forms in which finAPI writes points in time.

const form = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d{2}):?(\d{2}))?$/;

/**
 * The point in time that a finAPI text stands for. Never use `new Date(text)` on one: Access V1 writes German local time
 * without a zone.
 *
 * - Access V1: `2026-03-29 14:05:00.000`, German local time
 * - Access V2: `2026-03-29T14:05:00.000+02:00` (RFC 3339)
 * - Web Form: `2026-03-29T12:05:00.000+0000`, without a colon
 *
 * A local time that occurs twice, in the hour that autumn repeats, is taken as the first of the two; one that does not
 * occur, in the hour that spring skips, is taken as an hour later on the clock. Throws a `RangeError` for other text.
 */
export function parseTimestamp(text: string): Date {
  const found = form.exec(text);
  if (found === null) throw new RangeError(`not a timestamp of finAPI: ${JSON.stringify(text)}`);
  const [, year, month, day, hour, minute, second, fraction = '', utc, sign, zoneHours, zoneMinutes] = found;
  const local = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Math.trunc(Number(`0.${fraction || '0'}`) * 1000),
  );
  const check = new Date(local);
  if (
    check.getUTCMonth() !== Number(month) - 1 ||
    check.getUTCDate() !== Number(day) ||
    check.getUTCFullYear() !== Number(year) ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 59 ||
    Number(zoneHours ?? 0) > 23 ||
    Number(zoneMinutes ?? 0) > 59
  ) {
    throw new RangeError(`no such point in time: ${JSON.stringify(text)}`);
  }
  if (utc !== undefined) return check;
  if (sign !== undefined) return new Date(local - (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000);
  return new Date(local - germanOffset(local));
}

const clock = new Intl.DateTimeFormat('en-US', {
  timeZone: 'Europe/Berlin',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});

/** Milliseconds by which the German clock is ahead of UTC when it shows `local`. */
function germanOffset(local: number): number {
  // Summer time is two hours ahead, and is right if the clock agrees; otherwise the offset at standard time is.
  const summer = 2 * 3_600_000;
  return offsetAt(local - summer) === summer ? summer : 3_600_000;
}

/** Milliseconds by which the German clock is ahead of UTC at a point in time. */
function offsetAt(time: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(time)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}
