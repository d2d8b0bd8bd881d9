// A user's transactions as CSV, and their sums by category.
import { addAmounts } from 'finapi-ts';

/** What is read of a transaction. */
export interface Booking {
  readonly id: number;
  readonly accountId: number;
  readonly bankBookingDate: string;
  readonly amount: number;
  readonly currency?: string;
  readonly counterpartName?: string;
  readonly purpose?: string;
  readonly category?: { readonly name: string };
}

export const header = 'id,account,booked,amount,currency,counterpart,purpose,category';

/** A line of CSV (RFC 4180), without its end. */
export function lineOf({ id, accountId, bankBookingDate, amount, currency, counterpartName, purpose, category }: Booking): string {
  return [id, accountId, bankBookingDate, amount.toFixed(2), currency, counterpartName, purpose, category?.name].map(field).join(',');
}

/** Texts come from who sent the money: a spreadsheet would run one that begins like a formula. */
function field(value: string | number | undefined): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' && /^[=+@\t\r-]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Exact sums by category and currency, such as `Groceries EUR`, in the order of their names. */
export function sumsOf(bookings: Iterable<Booking>): Map<string, number> {
  const amounts = new Map<string, number[]>();
  for (const { amount, currency = 'EUR', category } of bookings) {
    const key = `${category?.name ?? 'without category'} ${currency}`;
    amounts.set(key, [...(amounts.get(key) ?? []), amount]);
  }
  return new Map([...amounts].sort(([a], [b]) => a.localeCompare(b)).map(([key, all]) => [key, addAmounts(...all)]));
}
