/** Values as a person reads them. Decimals stay exact: Intl takes them as text, no float between. */

const whole = number(0)
const hundredths = number(2)
const fine = number(4)
const percent = new Intl.NumberFormat('en', {
  style: 'percent',
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
})

type Decimal = Intl.StringNumericLiteral

const writers: Record<string, (value: Decimal) => string> = {
  money: (value) => `${hundredths.format(value)} EUR`,
  money_per_contact: (value) => `${hundredths.format(value)} EUR`,
  money_per_transaction: (value) => `${fine.format(value)} EUR`,
  percent: (value) => percent.format(value).replace('%', ' %'),
  per_mille: (value) => `${hundredths.format(value)} ‰`,
  count: (value) => whole.format(value),
  hours: (value) => `${hundredths.format(value)} h`,
  minutes: (value) => `${hundredths.format(value)} min`,
  seconds: (value) => `${whole.format(value)} s`,
}

/** A KPI's value in its unit, rounded half away from zero; null shows as a dash. */
export function display(value: string | null, unit: string): string {
  if (value === null) return '–'
  const write = writers[unit]
  return write ? write(value as Decimal) : `${fine.format(value as Decimal)} ${unit}`
}

/** How far a value is above or below its target: percentages in points, the rest in its unit. */
export function displayGap(gap: number, unit: string): string {
  const sign = gap > 0 ? '+' : gap < 0 ? '−' : '±'
  if (unit === 'percent') return `${sign}${hundredths.format(Math.abs(gap) * 100)} pp`
  const places = unit === 'money_per_transaction' ? fine : hundredths
  return `${sign}${places.format(Math.abs(gap))}`
}

export function displayCount(count: number): string {
  return whole.format(count)
}

/** 1 row, 2 rows. */
export function several(count: number, thing: string): string {
  return `${displayCount(count)} ${thing}${count === 1 ? '' : 's'}`
}

/** 8.3 s, 2 min 05 s. */
export function displaySeconds(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const rest = String(Math.round(seconds % 60)).padStart(2, '0')
  return `${Math.floor(seconds / 60)} min ${rest} s`
}

/** 12.3 MB. */
export function displayBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let power = 0
  for (; bytes >= 1000 && power < units.length - 1; power++) bytes /= 1000
  return `${bytes.toFixed(power && bytes < 100 ? 1 : 0)} ${units[power]}`
}

function number(places: number): Intl.NumberFormat {
  return new Intl.NumberFormat('en', {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  })
}

/** To the minute: 2027-02-03 23:59 UTC. */
export function displayInstant(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`
}

/** Text of a file as a terminal may show it: what would steer the terminal becomes visible instead. */
export function printable(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, pictureOf)
    .replaceAll(/[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '\uFFFD')
}

/** The picture that Unicode has of a control character; of the newer ones it has none. */
function pictureOf(control: string): string {
  const code = control.charCodeAt(0)
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\uFFFD'
}
