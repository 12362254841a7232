import { sql } from 'kysely'
import { expect } from 'vitest'

import { whole } from '#kit/partitions/slice.ts'
import { models } from '#models/models.ts'
import { test } from '#test/kit/database.ts'

test.for(models)(
  '$name yields the columns of its contract and no others',
  async (model, { database }) => {
    const query = sql`select * from ${model.query(database.db, whole)} as row limit 0`.compile(
      database.db,
    )
    const { fields } = await database.pool.query(query.sql, [...query.parameters])
    expect(fields.map(({ name }) => name).sort()).toEqual(Object.keys(model.contract.shape).sort())
  },
)

test.for(models)(
  '$name has checks that run and hold on an empty warehouse',
  async (model, { db }) => {
    for (const { name, broken } of model.checks) {
      const { rows } = await sql`select * from ${broken(db, whole)} as row`.execute(db)
      expect.soft(rows, name).toEqual([])
    }
  },
)
