import { type Kysely, sql } from 'kysely'

/** What must hold between the columns of a raw row. Frozen: a later change is a later migration. */
export async function up(db: Kysely<unknown>) {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table raw.fee_event
    add constraint rule_amount_minor check (not (event_type <> 'adjusted') or (amount_minor >= 0))`,
  `alter table raw.payment_event
    add constraint rule_attempt_no check (not (event_type = 'attempt') or (attempt_no is not null))`,
  `alter table raw.case
    add constraint rule_parent_case_id check (not (level = 2) or (parent_case_id is not null))`,
  `alter table raw.contact
    add constraint rule_answered_at check (answered_at >= offered_at)`,
  `alter table raw.rate_card
    add constraint rule_valid_to check (valid_to >= valid_from)`,
  `alter table raw.sla_policy
    add constraint rule_valid_to check (valid_to >= valid_from),
    add constraint rule_calendar check (not (clock = 'business') or (calendar is not null))`,
]
