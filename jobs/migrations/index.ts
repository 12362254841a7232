import type { Migration } from 'kysely/migration'

import * as schemas from './0001_schemas.ts'
import * as raw from './0002_raw.ts'
import * as martFees from './0003_mart_fees.ts'
import * as engine from './0004_engine.ts'
import * as martOperations from './0005_mart_operations.ts'
import * as ingest from './0006_ingest.ts'
import * as rules from './0007_rules.ts'
import * as partitions from './0008_partitions.ts'
import * as alerts from './0009_alerts.ts'
import * as timetable from './0010_timetable.ts'
import * as observed from './0011_observed.ts'
import * as touched from './0012_touched.ts'
import * as sqlAudit from './0013_sql_audit.ts'
import * as sqlUser from './0014_sql_user.ts'

/** Every migration by its file name; they run in the order of the names. */
export const migrations: Record<string, Migration> = {
  '0001_schemas': schemas,
  '0002_raw': raw,
  '0003_mart_fees': martFees,
  '0004_engine': engine,
  '0005_mart_operations': martOperations,
  '0006_ingest': ingest,
  '0007_rules': rules,
  '0008_partitions': partitions,
  '0009_alerts': alerts,
  '0010_timetable': timetable,
  '0011_observed': observed,
  '0012_touched': touched,
  '0013_sql_audit': sqlAudit,
  '0014_sql_user': sqlUser,
}
