import { displayInstant } from '../terminal/values.ts'
import type { Notice } from './notice.ts'

/** A notice in words, the same in every channel. */
export interface Words {
  label: 'ERROR' | 'WARNING' | 'RECOVERED' | 'TEST'
  /** One line. */
  title: string
  /** What was found, and what to know of it; lines, or nothing. */
  body: string
  /** Since when, how often, which asset and run. */
  facts: string[]
  /** The command that shows more. */
  next: string | null
}

export function wordsOf(notice: Notice): Words {
  const { kind, severity, title, body, note } = notice
  const facts = [...timeFacts(notice), ...aboutFacts(notice)]
  if (kind === 'test') return { label: 'TEST', title, body, facts: [], next: null }
  if (kind === 'recovered') {
    const span = displaySpan(Date.parse(notice.at) - Date.parse(notice.since))
    const over = `Back to normal after ${span}: ${title}`
    return { label: 'RECOVERED', title: over, body: note ?? '', facts, next: null }
  }
  const label = severity === 'error' ? 'ERROR' : 'WARNING'
  return { label, title, body, facts, next: nextOf(notice) }
}

/** The line by which a person finds it among others. */
export function subjectOf({ label, title }: Words): string {
  return `[Recoup] ${label}: ${title}`
}

function timeFacts({ kind, since, at, times }: Notice): string[] {
  const span =
    kind === 'recovered'
      ? `From ${displayInstant(since)} to ${displayInstant(at)}`
      : `Since ${displayInstant(since)}`
  const worse = kind === 'worsened' ? [`A warning until ${displayInstant(at)}`] : []
  return [span, ...worse, ...(times > 1 ? [`Seen ${times} times`] : [])]
}

function aboutFacts({ about }: Notice): string[] {
  const { asset, partition, run, step, owner } = about
  const named: [string, string | number | undefined][] = [
    ['Asset', asset],
    ['Partition', partition],
    ['Run', run],
    ['Step', step],
    ['Owner', owner],
  ]
  return named.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
}

function nextOf({ about }: Notice): string {
  return about.run === undefined ? 'npx recoup alerts' : `npx recoup logs ${about.run}`
}

/** 40 s, 5 min, 2 h 05 min, 3 d 04 h. */
function displaySpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${two(minutes % 60)} min`
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
