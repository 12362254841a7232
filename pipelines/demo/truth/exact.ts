/**
 * Exact arithmetic for the truth: money is a BigInt of ten-billionths of a euro, the precision
 * each converted amount is rounded to before it is summed.
 */

/** Ten-billionths in a euro. */
export const EURO = 10_000_000_000n

/** Quotient by a positive number, rounded to a whole one, halves away from zero. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  return numerator < 0n
    ? -((denominator - 2n * numerator) / (2n * denominator))
    : (denominator + 2n * numerator) / (2n * denominator)
}

/** A scaled whole number as a decimal text with all its digits: 12345 with 2 digits is 123.45. */
export function decimalText(scaled: bigint, digits: number): string {
  const sign = scaled < 0n ? '-' : ''
  const text = String(scaled < 0n ? -scaled : scaled).padStart(digits + 1, '0')
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** numerator / denominator with twelve decimals, or null when there is nothing to divide by. */
export function ratioText(numerator: bigint, denominator: bigint): string | null {
  if (denominator === 0n) return null
  if (denominator < 0n) return ratioText(-numerator, -denominator)
  return decimalText(divideRounded(numerator * 1_000_000_000_000n, denominator), 12)
}

/** Ten-billionths of a euro as euros and cents. */
export const moneyText = (amount: bigint) => decimalText(divideRounded(amount, EURO / 100n), 2)
