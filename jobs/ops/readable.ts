import { bad, faint, notable } from '../terminal/colour.ts'

/** Where lines go, each with its end. */
export interface Lines {
  write: (line: string) => void
}

const paint: Record<string, (words: string) => string> = { debug: faint, warn: notable, error: bad }
/** Of every line in a process the same, or said already. */
const unsaid = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'err'])

/** Takes JSON lines and passes on lines for people: time, message, and faintly what it is about. */
export function readable(to: Lines): Lines {
  return {
    write(json) {
      const line = JSON.parse(json) as Record<string, unknown> & { level: string; time: string }
      const time = new Date(line.time).toLocaleTimeString('en-GB')
      const words = (paint[line.level] ?? String)(String(line.msg))
      const about = Object.entries(line)
        .filter(([name]) => !unsaid.has(name))
        .map(([name, value]) => `${name}=${wordOf(value)}`)
      to.write(`${[faint(time), words, faint(about.join(' '))].join('  ').trimEnd()}\n`)
    },
  }
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
