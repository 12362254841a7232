import { parse } from 'yaml'
import type { ModelFile } from '../server/model-files.ts'

/** A cube or a view as its YAML has it; only what a rule looks at is named. */
export interface Entity {
  kind: 'cube' | 'view'
  file: string
  name: string
  public?: boolean
  title?: string
  description?: string
  sql?: string
  joins?: { name: string; relationship: string }[]
  dimensions?: Member[]
  measures?: Member[]
  segments?: Member[]
  pre_aggregations?: { name: string; external?: boolean; refresh_key?: { sql?: string } }[]
  access_policy?: Record<string, unknown>[]
  /** Of a view: where its members come from. */
  cubes?: { join_path: string; includes: '*' | (string | Included)[] }[]
}

/** A measure, dimension or segment. */
export interface Member {
  name: string
  type?: string
  sql?: string
  title?: string
  description?: string
  public?: boolean
  meta?: Record<string, unknown>
  granularities?: { name: string; sql?: string }[]
  [property: string]: unknown
}

interface Included {
  name: string
  alias?: string
  title?: string
  description?: string
}

/** Something in the model that must be changed before it may be used. */
export interface Finding {
  file: string
  /** `fees.outstanding`, or the cube or view alone. */
  where: string
  problem: string
}

/** Looks at the whole model and says what is wrong with it. */
export type Rule = (model: Model) => Finding[]

export interface Model {
  files: ModelFile[]
  cubes: Entity[]
  views: Entity[]
}

export function parseModel(files: ModelFile[]): Model {
  const documents = files.map((file) => ({ file, document: parse(file.content) ?? {} }))
  const entities = (key: 'cubes' | 'views', kind: Entity['kind']): Entity[] =>
    documents.flatMap(({ file, document }) =>
      (document[key] ?? []).map((entity: object) => ({ ...entity, kind, file: file.fileName })),
    )
  return { files, cubes: entities('cubes', 'cube'), views: entities('views', 'view') }
}

/** Every measure, dimension and segment that a cube defines. */
export function membersOf({ measures = [], dimensions = [], segments = [] }: Entity) {
  return [...measures, ...dimensions, ...segments]
}

/** A member as a view shows it: the cube's own words unless the view has others. */
export interface ShownMember extends Member {
  kind: 'measure' | 'dimension' | 'segment'
}

/** What a view shows, and the names it includes that no cube has. */
export function shownBy(view: Entity, cubes: Entity[]) {
  const shown: ShownMember[] = []
  const unknown: string[] = []
  for (const { join_path, includes } of view.cubes ?? []) {
    const cube = cubes.find(({ name }) => name === join_path.split('.').at(-1))
    for (const include of includes === '*' ? [] : includes) {
      const wanted = typeof include === 'string' ? { name: include } : include
      const member = cube && findMember(cube, wanted.name)
      if (member) shown.push({ ...member, ...wanted, name: aliasOf(wanted) })
      else unknown.push(`${join_path}.${wanted.name}`)
    }
  }
  return { shown, unknown }
}

function aliasOf({ name, alias }: Included) {
  return alias ?? name
}

function findMember(cube: Entity, name: string): ShownMember | undefined {
  const lists = [
    ['measure', cube.measures],
    ['dimension', cube.dimensions],
    ['segment', cube.segments],
  ] as const
  for (const [kind, members = []] of lists) {
    const member = members.find((candidate) => candidate.name === name)
    if (member) return { ...member, kind }
  }
  return undefined
}

export function finding({ file, name }: Entity, problem: string, member?: string): Finding {
  return { file, where: member ? `${name}.${member}` : name, problem }
}
