import { type Kysely, sql } from 'kysely'

/** Facts of payments, cases and contacts, and the estimator of waiting times. Frozen. */
export async function up(db: Kysely<unknown>) {
  for (const statement of [...facts, kaplanMeier]) await sql.raw(statement).execute(db)
}

// No secondary index: what reads these tables scans them or knows the key, and the millions of
// rows of the payment facts are written anew at every build.
const facts = [
  `create table mart.fact_payment_event (
    source text not null,
    source_event_id text not null,
    payment_id text not null,
    event_type text not null,
    attempt_no int4,
    business_date date not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    marketplace text not null,
    partner text not null,
    method text not null,
    outcome text,
    reason_code text,
    decline_group text,
    is_submitted bool not null,
    amount_minor int8 not null,
    currency text not null,
    amount_eur numeric,
    primary key (source_event_id, source)
  )`,
  `create table mart.fact_payment (
    payment_id text not null,
    marketplace text not null,
    partner text not null,
    method text not null,
    first_attempt_on date,
    first_submitted_at timestamptz,
    authorised_at timestamptz,
    is_authorised_24h bool not null,
    captured_at timestamptz,
    refunded_minor int8 not null,
    currency text not null,
    amount_minor int8 not null,
    attempts int4 not null,
    final_outcome text,
    primary key (payment_id)
  )`,
  `create table mart.fact_case_event (
    source text not null,
    source_event_id text not null,
    case_id text not null,
    event_type text not null,
    cycle_no int4 not null,
    business_date date not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    case_type text not null,
    marketplace text not null,
    queue text not null,
    reason_code text,
    agent_id text,
    decision text,
    primary key (source_event_id, source)
  )`,
  `create table mart.fact_case_cycle (
    case_id text not null,
    cycle_no int4 not null,
    case_type text not null,
    marketplace text not null,
    queue text not null,
    reason_code text not null,
    level int4 not null,
    started_at timestamptz not null,
    started_on date not null,
    policy text,
    clock text,
    target_seconds int4,
    decided_at timestamptz,
    decided_on date,
    decision text,
    left_at timestamptz,
    elapsed_seconds int8,
    sla_state text,
    primary key (case_id, cycle_no)
  )`,
  `create table mart.fact_case (
    case_id text not null,
    case_type text not null,
    level int4 not null,
    parent_case_id text,
    marketplace text not null,
    seller_id text not null,
    queue text not null,
    reason_code text not null,
    received_at timestamptz not null,
    received_on date not null,
    first_response_at timestamptz,
    decided_at timestamptz,
    decided_on date,
    closed_at timestamptz,
    withdrawn_at timestamptz,
    invalid_at timestamptz,
    decision text,
    reopen_count int4 not null,
    decision_seconds int8,
    open_seconds int8,
    primary key (case_id)
  )`,
  `create table mart.fact_contact (
    source text not null,
    source_event_id text not null,
    channel text not null,
    direction text not null,
    site text,
    shore text,
    agent_id text,
    agent_key text,
    marketplace text not null,
    customer_id text not null,
    payment_id text,
    reason_code text not null,
    reason_group text not null,
    is_avoidable bool not null,
    offered_at timestamptz not null,
    answered_at timestamptz,
    business_date date not null,
    wait_seconds int4 not null,
    talk_seconds int4 not null,
    hold_seconds int4 not null,
    wrap_seconds int4 not null,
    legs int4 not null,
    is_spam bool not null,
    is_counted bool not null,
    is_handled bool not null,
    handle_seconds numeric not null,
    cost_eur numeric,
    is_cost_provisional bool not null,
    is_issue bool not null,
    is_mature_7d bool not null,
    is_resolved_first bool not null,
    is_repeat_7d bool not null,
    primary key (source_event_id, source)
  )`,
]

/**
 * The smallest time by which a share `p` has happened, when some are still waiting: smallest t with
 * S(t) <= 1 - p. Without waiting ones it is the nearest rank. Null when it was never reached.
 * At equal times what happened comes before what is still waiting, so one row at a time is enough:
 * the factors of a tie multiply to the factor of the whole tie.
 */
const kaplanMeier = `
  create function mart.kaplan_meier(p numeric, seconds int8[], observed bool[]) returns numeric
  language plpgsql immutable parallel safe as $$
  declare
    at_risk float8 := cardinality(seconds);
    surviving float8 := 1;
    enough constant float8 := 1 - p + 1e-12;
    waited int8;
    happened bool;
  begin
    for waited, happened in
      select * from unnest(seconds, observed) order by 1, 2 desc
    loop
      if happened then
        surviving := surviving * ((at_risk - 1) / at_risk);
        if surviving <= enough then
          return waited;
        end if;
      end if;
      at_risk := at_risk - 1;
    end loop;
    return null;
  end
  $$`
