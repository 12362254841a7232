import { parseModel, type ShownMember, shownBy } from '../lint/model.ts'
import { MODEL, readModelFiles } from '../server/model-files.ts'
import type { Additivity } from '../sql/rewrite/model.ts'
import { type Hierarchy, presentationOf } from './presentation.ts'

/** A public view as a BI tool shows it: a table of the schema `bi`, with words for people. */
export interface BiView {
  name: string
  title: string
  description: string
  /** In the order of the view. A segment is one of them: a column of true and false. */
  fields: BiField[]
  folders: { name: string; fields: string[] }[]
  hierarchies: Hierarchy[]
  /** The measures to look at first; a view without measures, such as `freshness`, has none. */
  headlines: BiField[]
}

/** One column of a view. */
export interface BiField {
  name: string
  title: string
  description: string
  type: FieldType
  isSegment?: true
  /** Of a measure: what it counts in, such as `money`, and how its values may be combined. */
  measure?: { unit: string; currency?: string; additivity: Additivity; sql: string }
}

/** A measure among the fields. */
export type BiMeasure = BiField & { measure: NonNullable<BiField['measure']> }

export type FieldType = 'string' | 'boolean' | 'integer' | 'decimal' | 'day' | 'instant'

/** What BI tools are told of the views, from the model's own files. */
export async function readViews(folder = MODEL): Promise<BiView[]> {
  const { views, cubes } = parseModel(await readModelFiles(folder))
  return views
    .filter((view) => view.public !== false)
    .map((view) => {
      const { shown } = shownBy(view, cubes)
      const fields = shown.filter((member) => member.public !== false).map(fieldOf)
      const { headlines, hierarchies } = presentationOf(view.name)
      const named = (name: string) => fieldNamed(name, fields, view.name)
      for (const name of hierarchies.flatMap((hierarchy) => hierarchy.fields)) named(name)
      return {
        name: view.name,
        title: view.title ?? view.name,
        description: view.description ?? '',
        fields,
        folders: foldersOf(view, fields),
        hierarchies,
        headlines: headlines.map(named),
      }
    })
}

export function isNumber({ type }: BiField): boolean {
  return type === 'integer' || type === 'decimal'
}

export function isMeasure(field: BiField): field is BiMeasure {
  return field.measure !== undefined
}

function fieldOf(member: ShownMember): BiField {
  const { name, title = name, description = '', meta = {}, currency } = member
  const field = { name, title, description: description.trim(), type: typeOf(member) }
  if (member.kind === 'segment') return { ...field, isSegment: true }
  if (member.kind !== 'measure') return field
  const measure = {
    unit: typeof meta.unit === 'string' ? meta.unit : 'number',
    ...(typeof currency === 'string' && { currency }),
    additivity: meta.additivity as Additivity,
    sql: member.sql ?? '',
  }
  return { ...field, measure }
}

/**
 * What the endpoint has: a day is a date, and only what is called `..._at` or `..._through` an instant;
 * a number to slice by is whole.
 */
function typeOf({ kind, name, type, meta }: ShownMember): FieldType {
  if (type === 'time') return /_(at|through)$/.test(name) ? 'instant' : 'day'
  if (kind === 'segment') return 'boolean'
  if (type === 'string' || type === 'boolean') return type
  return kind === 'dimension' || meta?.unit === 'count' ? 'integer' : 'decimal'
}

/** The folders of the view. What it puts into none, such as a segment, comes into the first. */
function foldersOf(view: object, fields: BiField[]) {
  const { folders = [] } = view as { folders?: { name: string; includes: string[] }[] }
  const filed = folders.flatMap(({ includes }) => includes)
  const names = fields.map(({ name }) => name)
  const unfiled = names.filter((name) => !filed.includes(name))
  return folders
    .map(({ name, includes }, place) => ({
      name,
      fields: [...includes.filter((one) => names.includes(one)), ...(place === 0 ? unfiled : [])],
    }))
    .filter((folder) => folder.fields.length > 0)
}

function fieldNamed(name: string, fields: BiField[], view: string): BiField {
  const field = fields.find((candidate) => candidate.name === name)
  if (field) return field
  throw new Error(
    `cube/bi/presentation.ts names ${view}.${name}, which the view does not show. It shows: ${fields
      .map((one) => one.name)
      .join(', ')}.`,
  )
}
