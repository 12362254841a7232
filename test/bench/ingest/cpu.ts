/** CPU seconds as Linux counts them; elsewhere they are not known. */
import { readdirSync, readFileSync } from 'node:fs'

/** Of a process and of all children it had, alive or ended. */
export function cpuWithChildren(pid: number): number | null {
  const own = ticksOf(pid)
  if (!own) return null
  let ticks = own.self + own.ended
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const child = ticksOf(Number(entry))
    if (child?.parent === pid) ticks += child.self + child.ended
  }
  return ticks / 100
}

/** Of the children of this process that have ended. */
export function cpuOfEndedChildren(): number | null {
  const own = ticksOf(process.pid)
  return own && own.ended / 100
}

/** Peak resident memory of this process in bytes. */
export function peakMemory(): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kilobytes) return Number(kilobytes) * 1024
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024
}

/** Hundredths of a second, from /proc/<pid>/stat. */
function ticksOf(pid: number): { parent: number; self: number; ended: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const at = (field: number) => Number(fields[field - 3])
    return { parent: at(4), self: at(14) + at(15), ended: at(16) + at(17) }
  } catch {
    return null
  }
}
