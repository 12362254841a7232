import type pg from 'pg'
import { appeals } from './by-hand/appeals.ts'
import { contacts } from './by-hand/contacts.ts'
import { fees } from './by-hand/fees.ts'
import type { HandView } from './by-hand/hand-view.ts'
import { payments } from './by-hand/payments.ts'
import type { Person } from './people.ts'

export const handViews: HandView[] = [fees, payments, appeals, contacts]

/** The relation of a view as somebody may see it. */
export function handTable(view: HandView, person: Person) {
  return `hand_${person.name}.${view.name}`
}

/** Puts the rows of each view by hand, and what each person sees of them, into schemas of their own. */
export async function writeByHand(pool: pg.Pool, people: Person[]) {
  await pool.query('CREATE SCHEMA hand')
  for (const view of handViews)
    await pool.query(`CREATE TABLE hand.${view.name} AS ${view.rows}; ANALYZE hand.${view.name}`)
  for (const person of people) {
    await pool.query(`CREATE SCHEMA hand_${person.name}`)
    for (const view of handViews) {
      const { rows } = await pool.query<{ column_name: string }>(
        `SELECT column_name FROM information_schema.columns WHERE table_schema = 'hand' AND table_name = $1`,
        [view.name],
      )
      const columns = rows.map(({ column_name: name }) =>
        person.hidden.includes(`${view.name}.${name}`)
          ? `CASE WHEN ${name} IS NOT NULL THEN 'masked' END AS ${name}`
          : name,
      )
      await pool.query(
        `CREATE VIEW ${handTable(view, person)} AS SELECT ${columns.join(', ')} FROM hand.${view.name} WHERE ${seen(person)}`,
      )
    }
  }
}

function seen({ context: { marketplaces } }: Person) {
  if (!marketplaces) return 'true'
  return `marketplace = ANY (ARRAY[${marketplaces.map((one) => `'${one}'`).join(', ')}]::text[])`
}
