// Sums of amounts. finAPI's amounts are JSON numbers; adding them as they are loses cents (0.1 + 0.2).

/** The exact decimal sum of amounts, as the nearest number. Throws a `RangeError` for an amount that is not finite. */
export function addAmounts(...amounts: readonly number[]): number {
  let sum = 0n;
  let scale = 0;
  for (const amount of amounts) {
    if (!Number.isFinite(amount)) throw new RangeError(`not an amount: ${amount}`);
    // The shortest text that stands for the number is the amount as finAPI wrote it.
    const [mantissa = '0', exponent = '0'] = String(amount).split('e');
    const [whole = '0', fraction = ''] = mantissa.split('.');
    const digits = BigInt(whole + fraction);
    const places = fraction.length - Number(exponent);
    if (places > scale) {
      sum *= 10n ** BigInt(places - scale);
      scale = places;
    }
    sum += digits * 10n ** BigInt(scale - places);
  }
  return Number(`${sum}e${-scale}`);
}
