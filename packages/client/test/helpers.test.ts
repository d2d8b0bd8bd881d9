// Helpers for finAPI's amounts and dates.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addAmounts, parseTimestamp } from '../src/index.js';

describe('addAmounts', () => {
  it('does not lose cents where adding does', () => {
    expect(0.1 + 0.2).not.toBe(0.3);
    expect(addAmounts(0.1, 0.2)).toBe(0.3);
  });

  it.each<[string, readonly number[], number]>([
    ['nothing to zero', [], 0],
    ['one amount to itself', [12.34], 12.34],
    ['amounts of different lengths', [1, 0.5, 0.25, 0.125], 1.875],
    ['what goes out and what comes in', [-12.34, 12.34], 0],
    ['negative amounts below one', [-0.5, -0.05, -0.005], -0.555],
    ['amounts with a small exponent', [1e-7, 2e-7], 3e-7],
    ['amounts with digits and a small exponent', [1.5e-7, 1], 1.00000015],
    ['amounts with a large exponent', [1e21, 1e21], 2e21],
    ['a large and a small one, to the nearest number', [1e21, 1e-7], 1e21],
    ['large ones that cancel, leaving the small one', [1e21, 0.01, -1e21], 0.01],
    ['digits with a large exponent', [1.25e22, -1.2e22], 5e20],
    ['the largest number', [Number.MAX_VALUE, 0], Number.MAX_VALUE],
    ['the smallest number', [Number.MIN_VALUE, 0], Number.MIN_VALUE],
    ['zero and minus zero', [0, -0], 0],
    ['whole amounts', [1_000_000, 2_000_000], 3_000_000],
  ])('adds %s', (_, amounts, sum) => {
    expect(addAmounts(...amounts)).toBe(sum);
  });

  it('adds a cent a hundred thousand times to a thousand', () => {
    expect(addAmounts(...Array<number>(100_000).fill(0.01))).toBe(1000);
  });

  it('adds any cents as whole numbers would', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }), { maxLength: 50 }), (cents) => {
        const exact = cents.reduce((sum, it) => sum + BigInt(it), 0n);
        expect(addAmounts(...cents.map((it) => it / 100))).toBe(Number(exact) / 100);
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e25, max: 1e25 }), { maxLength: 12 }), (amounts) => {
        expect(addAmounts(...amounts)).toBe(addAmounts(...amounts.toReversed()));
      }),
      { numRuns: 200 },
    );
  });

  it('gives every number back that it adds to nothing', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (amount) => {
        expect(addAmounts(amount)).toBe(amount === 0 ? 0 : amount);
        expect(addAmounts(amount, -amount)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %d', (amount) => {
    expect(() => addAmounts(1, amount)).toThrow(RangeError);
  });

  it.each([
    ['text', '1'],
    ['nothing', undefined],
    ['null', null],
    ['a BigInt', 1n],
  ])('refuses %s', (_, amount) => {
    expect(() => addAmounts(amount as unknown as number)).toThrow();
  });
});

describe('parseTimestamp', () => {
  const iso = (text: string): string => parseTimestamp(text).toISOString();

  it.each([
    ['Access V1 in winter', '2026-01-15 09:30:15.123', '2026-01-15T08:30:15.123Z'],
    ['Access V1 in summer', '2026-07-15 09:30:15.123', '2026-07-15T07:30:15.123Z'],
    ['Access V1 without a fraction', '2026-07-15 09:30:15', '2026-07-15T07:30:15.000Z'],
    ['Access V2 with an offset', '2026-03-29T14:05:00.000+02:00', '2026-03-29T12:05:00.000Z'],
    ['Access V2 with a negative offset', '2026-03-29T14:05:00.000-05:30', '2026-03-29T19:35:00.000Z'],
    ['Access V2 in UTC', '2026-03-29T14:05:00Z', '2026-03-29T14:05:00.000Z'],
    ['Web Form', '2026-03-29T12:05:00.000+0000', '2026-03-29T12:05:00.000Z'],
    ['Web Form with an offset', '2026-03-29T12:05:00.000+0200', '2026-03-29T10:05:00.000Z'],
  ])('reads %s', (_, text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it.each([
    ['the last instant of a winter', '2026-03-29 01:59:59.999', '2026-03-29T00:59:59.999Z'],
    ['the first instant of a summer', '2026-03-29 03:00:00.000', '2026-03-29T01:00:00.000Z'],
    ['the last hour of a summer that is there once', '2026-10-25 01:59:59.999', '2026-10-24T23:59:59.999Z'],
    ['the first hour of a winter that is there once', '2026-10-25 03:00:00.000', '2026-10-25T02:00:00.000Z'],
    ['midnight at the end of a year', '2026-12-31 23:59:59.999', '2026-12-31T22:59:59.999Z'],
    ['midnight at its beginning', '2027-01-01 00:00:00.000', '2026-12-31T23:00:00.000Z'],
    ['a leap day', '2028-02-29 12:00:00.000', '2028-02-29T11:00:00.000Z'],
  ])('reads %s', (_, text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it.each([
    ['2026-10-25 02:00:00.000', '2026-10-25T00:00:00.000Z'],
    ['2026-10-25 02:30:00.000', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25 02:59:59.999', '2026-10-25T00:59:59.999Z'],
  ])('takes %s, which autumn has twice, as the first of the two', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it.each([
    ['2026-03-29 02:00:00.000', '2026-03-29T01:00:00.000Z'],
    ['2026-03-29 02:30:00.000', '2026-03-29T01:30:00.000Z'],
    ['2026-03-29 02:59:59.999', '2026-03-29T01:59:59.999Z'],
  ])('takes %s, which spring skips, as an hour later on the clock', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it.each([
    ['1', '.100'],
    ['12', '.120'],
    ['123', '.123'],
    ['1239', '.123'],
    ['999999', '.999'],
    ['000000001', '.000'],
    ['070', '.070'],
  ])('reads the fraction .%s as milliseconds, without rounding up', (fraction, expected) => {
    expect(iso(`2026-01-15T00:00:00.${fraction}Z`)).toBe(`2026-01-15T00:00:00${expected}Z`);
  });

  it('reads every millisecond', () => {
    for (let ms = 0; ms < 1000; ms++)
      expect(parseTimestamp(`2026-01-15T00:00:00.${String(ms).padStart(3, '0')}Z`).getUTCMilliseconds()).toBe(ms);
  });

  it.each([
    ['an empty text', ''],
    ['a word', 'yesterday'],
    ['a date alone', '2026-01-15'],
    ['a time alone', '09:30:15'],
    ['no seconds', '2026-01-15 09:30'],
    ['another order', '15.01.2026 09:30:15'],
    ['a point without a fraction', '2026-01-15 09:30:15.'],
    ['ten digits of a fraction', '2026-01-15 09:30:15.1234567890'],
    ['half an offset', '2026-01-15T09:30:15+2'],
    ['text before', 'at 2026-01-15 09:30:15'],
    ['text behind', '2026-01-15 09:30:15 CET'],
    ['a line behind', '2026-01-15 09:30:15\n'],
    ['a year of five digits', '12026-01-15 09:30:15'],
    ['other digits', '２０２６-01-15 09:30:15'],
  ])('refuses %s', (_, text) => {
    expect(() => parseTimestamp(text)).toThrow(RangeError);
  });

  it.each([
    '2026-00-15 00:00:00',
    '2026-13-15 00:00:00',
    '2026-01-00 00:00:00',
    '2026-01-32 00:00:00',
    '2026-02-29 00:00:00',
    '2026-02-30 00:00:00',
    '2026-04-31 00:00:00',
    '2026-01-15 24:00:00',
    '2026-01-15 25:00:00',
    '2026-01-15 12:60:00',
    '2026-01-15 12:30:60',
    '2026-01-15 23:60:00',
    '2026-01-15 23:59:60',
    '2026-01-15T23:59:99Z',
    '2100-02-29 00:00:00',
  ])('refuses %s, which no clock shows', (text) => {
    expect(() => parseTimestamp(text)).toThrow(RangeError);
  });

  it.each(['2026-01-15T00:00:00+99:99', '2026-01-15T00:00:00+0060', '2026-01-15T00:00:00-24:00'])(
    'refuses %s, which is in no time zone',
    (text) => {
      expect(() => parseTimestamp(text)).toThrow(RangeError);
    },
  );

  it('refuses a year below 100, which is taken for one of the last century elsewhere', () => {
    expect(() => parseTimestamp('0026-01-15T00:00:00Z')).toThrow(RangeError);
  });

  it('does not depend on the time zone of the machine', () => {
    const before = process.env['TZ'];
    try {
      for (const zone of ['America/New_York', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'UTC']) {
        process.env['TZ'] = zone;
        expect(iso('2026-07-15 09:30:15.123')).toBe('2026-07-15T07:30:15.123Z');
      }
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });

  const berlin = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'medium' });
  /** What a German clock shows, as Access V1 writes it. */
  const shown = (time: number): string => `${berlin.format(time)}.${String(new Date(time).getUTCMilliseconds()).padStart(3, '0')}`;
  const range = { min: Date.UTC(1980, 0, 1), max: Date.UTC(2100, 0, 1) };

  it('reads back what a German clock shows at any instant', () => {
    fc.assert(
      fc.property(fc.integer(range), (time) => {
        const read = parseTimestamp(shown(time)).getTime();
        // In the hour that comes twice the first is meant.
        expect(read === time || (read === time - 3_600_000 && shown(read) === shown(time))).toBe(true);
        expect(shown(read)).toBe(shown(time));
      }),
      { numRuns: 500 },
    );
  });

  it('reads back what a German clock shows around each of its changes', () => {
    const lastSunday = (year: number, month: number): number => {
      const last = new Date(Date.UTC(year, month + 1, 0));
      return last.getTime() - last.getUTCDay() * 86_400_000 + 3_600_000;
    };
    for (let year = 1996; year < 2060; year++) {
      for (const change of [lastSunday(year, 2), lastSunday(year, 9)]) {
        for (const time of [change - 3_600_001, change - 1, change, change + 3_599_999, change + 3_600_000])
          expect(shown(parseTimestamp(shown(time)).getTime())).toBe(shown(time));
      }
    }
  });

  it('reads back the other two forms of any instant', () => {
    fc.assert(
      fc.property(fc.integer(range), fc.integer({ min: -14 * 60, max: 14 * 60 }), (time, minutes) => {
        const local = new Date(time + minutes * 60_000).toISOString().slice(0, -1);
        const two = (value: number): string => String(value).padStart(2, '0');
        const [sign, hours, rest] = [minutes < 0 ? '-' : '+', two(Math.trunc(Math.abs(minutes) / 60)), two(Math.abs(minutes) % 60)];
        expect(parseTimestamp(`${local}${sign}${hours}:${rest}`).getTime()).toBe(time);
        expect(parseTimestamp(`${local}${sign}${hours}${rest}`).getTime()).toBe(time);
      }),
      { numRuns: 300 },
    );
  });
});
