import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..', '..', 'cube', 'model', 'cubes')

/** A cube of the semantic layer, and the tables its SQL names. */
export interface Cube {
  /** Such as `cube.kpi_fee`. */
  name: string
  description: string
  reads: string[]
}

/** The cubes, as far as their files' text says: one a file, named by the convention of cube/lint. */
export function cubesReading(tables: readonly string[]): Cube[] {
  return globSync('**/*.yml', { cwd: folder })
    .sort()
    .flatMap((file) => cubesIn(readFileSync(join(folder, file), 'utf8'), tables))
}

function cubesIn(text: string, tables: readonly string[]): Cube[] {
  return text
    .split(/^ {2}- (?=name:)/m)
    .slice(1)
    .map((cube) => {
      const named = new Set(cube.match(/\b\w+\.\w+\b/g))
      return {
        name: `cube.${/^name: (\w+)/.exec(cube)?.[1] ?? 'unnamed'}`,
        description: descriptionOf(cube),
        reads: tables.filter((table) => named.has(table)),
      }
    })
}

/** The description beside the name, on its line or folded over the lines below. */
function descriptionOf(cube: string): string {
  const [, text = ''] = /^ {4}description: (?:>-\n)?((?:.+)(?:\n {6}.+)*)/m.exec(cube) ?? []
  return text.replaceAll(/\s+/g, ' ').trim()
}
