/** What must be true at the end, whatever was done to workers, Postgres and the queue. */
import { type Kysely, sql } from 'kysely'

import { sources } from '#pipelines/sources.ts'

/** Everything that is not true, as sentences. `rounds`: how often each day was backfilled. */
export async function untruths(
  db: Kysely<unknown>,
  { days, rounds }: { days: readonly string[]; rounds: number },
): Promise<string[]> {
  const wrong: string[] = []
  for (const [words, query] of rules) {
    const { rows } = await sql<{ found: string }>`
      select broken::text as found from (${sql.raw(query)}) as broken`.execute(db)
    if (rows.length > 0) wrong.push(`${words}: ${rows.length} times, first ${rows[0]?.found}`)
  }
  const { rows } = await sql<{ day: string; times: number }>`
    select day::text, coalesce(times, 0) as times from unnest(${days}::date[]) as day
    left join (select day, count(*)::int4 as times from mart.chaos_journal group by day) as j
      using (day)
    where coalesce(times, 0) <> ${rounds}`.execute(db)
  for (const { day, times } of rows)
    wrong.push(`the journal was written ${times} times for ${day}, and backfilled ${rounds} times`)
  return wrong
}

const rules: [words: string, query: string][] = [
  [
    'a run or a step is stuck',
    `select run, asset, partition, state, attempt, failures, error from engine.step
     where state in ('blocked', 'waiting', 'ready', 'running')
     union all
     select id, 'run', '', state, 0, 0, null from engine.run where state = 'running'`,
  ],
  [
    'a run materialized a partition twice',
    `select run, asset, partition, count(*) as times from engine.materialization
     group by 1, 2, 3 having count(*) > 1`,
  ],
  [
    'a step is done and a partition of it is not materialized',
    `select run, asset, key from engine.step cross join unnest(coalesce(keys, array[partition])) as key
     where state = 'done' and key <> '' and not exists (
       select from engine.materialization as m
       where m.run = step.run and m.asset = step.asset and m.partition = key)`,
  ],
  [
    'a partition is materialized by a step that is not done',
    `select m.run, m.asset, m.partition from engine.materialization as m
     where m.partition <> '' and not exists (
       select from engine.step
       where step.run = m.run and step.asset = m.asset and step.state = 'done'
         and (m.partition = any(coalesce(keys, array[partition])) or step.partition = ''))`,
  ],
  [
    'a step failed that nothing was wrong with',
    `select run, asset, partition, error from engine.step
     where state = 'failed' and error not like '%no day is bad%'`,
  ],
]

/** The rows of every table as one number each: those of raw tables without the load that brought them. */
export async function fingerprints(db: Kysely<unknown>): Promise<Record<string, string>> {
  const { rows: marts } = await sql<{ name: string }>`
    select 'mart.' || table_name as name from information_schema.tables
    where table_schema = 'mart' and table_name <> 'chaos_journal' order by 1`.execute(db)
  const texts = [
    ...marts.map(({ name }) => [name, 't::text']),
    ...sources.map(({ name }) => [name, `(to_jsonb(t) - 'load_id')::text`]),
    ['raw.quarantine', 'row(line, raw_text, reason)::text'],
  ] as const
  const prints: Record<string, string> = {}
  for (const [name, text] of texts) {
    const { rows } = await sql<{ print: string }>`
      select count(*) || ' rows ' || coalesce(sum(hashtextextended(${sql.raw(text)}, 0)::numeric), 0)
        as print
      from ${sql.table(name)} as t`.execute(db)
    prints[name] = rows[0]!.print
  }
  return prints
}
