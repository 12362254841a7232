import { globSync, statSync } from 'node:fs'
import { basename } from 'node:path'

import { UsageError } from '../terminal/mistakes.ts'

/** A file that was typed. */
export interface GivenFile {
  /** What messages and the quarantine call it. */
  name: string
  /** Null: standard input. */
  path: string | null
}

/**
 * The files that were typed: paths, patterns that the shell left alone, and `-` for standard input.
 * The same file typed twice is one file.
 */
export function givenFiles(typed: readonly string[]): GivenFile[] {
  const paths = new Set(typed.flatMap(expanded))
  return [...paths].map((path) => {
    if (path === '-') return { name: 'stdin', path: null }
    requireFile(path)
    return { name: basename(path), path }
  })
}

const isPattern = /[*?[{]/

function expanded(typed: string): string[] {
  // A file may be called a[1].csv.
  if (!isPattern.test(typed) || statSync(typed, { throwIfNoEntry: false })) return [typed]
  const found = globSync(typed).filter((path) => statSync(path).isFile())
  if (found.length > 0) return found.sort()
  throw new UsageError(`No file is called ${typed}. The pattern is read from ${process.cwd()}.`)
}

function requireFile(path: string) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found)
    throw new UsageError(
      `${path} does not exist. Give the path of a file, a pattern such as 'fees-*.csv', or - for standard input.`,
    )
  if (found.isDirectory())
    throw new UsageError(`${path} is a folder. For all files in it: '${path.replace(/\/$/, '')}/*'`)
}
