import { type Kysely, sql } from 'kysely'

/** The landing tables, one a feed, and the books kept about loads. Frozen: a later change is a later migration. */
export async function up(db: Kysely<unknown>) {
  for (const statement of [...books, ...feeds]) await sql.raw(statement).execute(db)
}

const books = [
  // One row a file that was loaded or refused. A file is known by its content.
  `create table raw.load (
    load_id int8 primary key generated always as identity,
    feed text not null,
    file text not null,
    sha256 text not null,
    bytes int8 not null,
    rows_read int8 not null default 0,
    rows_new int8 not null default 0,
    rows_newer int8 not null default 0,
    rows_same int8 not null default 0,
    rows_rejected int8 not null default 0,
    loaded_at timestamptz not null default now(),
    unique (feed, sha256)
  )`,
  // One row a line that breaks its contract; line 0 is a whole file that was refused.
  `create table raw.quarantine (
    load_id int8 not null,
    line int4 not null,
    feed text not null,
    file text not null,
    raw_text text not null,
    reason text not null,
    reasons jsonb not null,
    quarantined_at timestamptz not null default now(),
    primary key (load_id, line)
  )`,
  `create index on raw.quarantine (feed, quarantined_at desc)`,
  // One row a file of the inbox that was dealt with, so that a start need not read it again.
  `create table raw.inbox_file (
    feed text not null,
    file text not null,
    bytes int8 not null,
    modified_ms int8 not null,
    primary key (feed, file)
  )`,
]

const feeds = [
  `create table raw.fee (
    source text not null,
    fee_id text not null,
    marketplace text not null,
    seller_id text not null,
    category text not null,
    fee_kind text not null,
    period text not null,
    quantity int4,
    weight_grams int4,
    rate_card text,
    currency text not null,
    due_on date not null,
    replaces_fee_id text,
    recorded_at timestamptz not null,
    load_id int8 not null,
    line int4 not null,
    primary key (fee_id)
  )`,
  `create table raw.fee_event (
    source text not null,
    source_event_id text not null,
    fee_id text not null,
    event_type text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    amount_minor int8 not null,
    amount_kind text not null,
    currency text not null,
    reason_code text,
    supersedes text,
    load_id int8 not null,
    line int4 not null,
    primary key (source_event_id, source)
  )`,
  `create table raw.payment_event (
    source text not null,
    source_event_id text not null,
    payment_id text not null,
    event_type text not null,
    attempt_no int4,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    marketplace text not null,
    partner text not null,
    method text not null,
    outcome text,
    reason_code text,
    amount_minor int8 not null,
    currency text not null,
    load_id int8 not null,
    line int4 not null,
    primary key (source_event_id, source)
  )`,
  `create table raw.case (
    source text not null,
    case_id text not null,
    case_type text not null,
    level int4 not null,
    parent_case_id text,
    subject_type text not null,
    subject_id text not null,
    marketplace text not null,
    seller_id text not null,
    queue text not null,
    reason_code text not null,
    recorded_at timestamptz not null,
    load_id int8 not null,
    line int4 not null,
    primary key (case_id)
  )`,
  `create table raw.case_event (
    source text not null,
    source_event_id text not null,
    case_id text not null,
    event_type text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    agent_id text,
    decision text,
    reason_code text,
    load_id int8 not null,
    line int4 not null,
    primary key (source_event_id, source)
  )`,
  `create table raw.contact (
    source text not null,
    source_event_id text not null,
    channel text not null,
    direction text not null,
    site text,
    agent_id text,
    marketplace text not null,
    customer_id text not null,
    payment_id text,
    reason_code text not null,
    offered_at timestamptz not null,
    answered_at timestamptz,
    wait_seconds int4 not null,
    talk_seconds int4 not null,
    hold_seconds int4 not null,
    wrap_seconds int4 not null,
    concurrent_sessions int4 not null,
    legs int4 not null,
    is_spam bool not null,
    recorded_at timestamptz not null,
    load_id int8 not null,
    line int4 not null,
    primary key (source_event_id, source)
  )`,
  `create table raw.marketplace (
    marketplace text not null,
    country text not null,
    currency text not null,
    zone text not null,
    launched_on date not null,
    load_id int8 not null,
    line int4 not null,
    primary key (marketplace)
  )`,
  `create table raw.seller (
    seller_id text not null,
    valid_from date not null,
    tier text not null,
    country text not null,
    registration_status text not null,
    load_id int8 not null,
    line int4 not null,
    primary key (seller_id, valid_from)
  )`,
  `create table raw.partner (
    partner text not null,
    partner_kind text not null,
    contracted_on date not null,
    load_id int8 not null,
    line int4 not null,
    primary key (partner)
  )`,
  `create table raw.category (
    category text not null,
    stream text not null,
    scheme text not null,
    load_id int8 not null,
    line int4 not null,
    primary key (category)
  )`,
  `create table raw.agent (
    agent_id text not null,
    valid_from date not null,
    team text not null,
    site text not null,
    shore text not null,
    vendor text,
    load_id int8 not null,
    line int4 not null,
    primary key (agent_id, valid_from)
  )`,
  `create table raw.reason (
    domain text not null,
    reason_code text not null,
    reason_group text not null,
    is_avoidable bool not null,
    valid_from date not null,
    load_id int8 not null,
    line int4 not null,
    primary key (domain, reason_code)
  )`,
  `create table raw.rate_card (
    rate_card text not null,
    marketplace text not null,
    category text not null,
    fee_kind text not null,
    basis text not null,
    rate numeric not null,
    currency text not null,
    valid_from date not null,
    valid_to date,
    published_at timestamptz not null,
    load_id int8 not null,
    line int4 not null,
    primary key (rate_card, marketplace, category, fee_kind)
  )`,
  `create table raw.sla_policy (
    policy text not null,
    case_type text not null,
    queue text not null,
    clock text not null,
    calendar text,
    pauses_while_waiting bool not null,
    target_seconds int4 not null,
    valid_from date not null,
    valid_to date,
    load_id int8 not null,
    line int4 not null,
    primary key (policy)
  )`,
  `create table raw.calendar_day (
    calendar text not null,
    day date not null,
    zone text not null,
    opens time not null,
    closes time not null,
    load_id int8 not null,
    line int4 not null,
    primary key (calendar, day)
  )`,
  `create table raw.fx_rate (
    source text not null,
    day date not null,
    currency text not null,
    rate numeric not null,
    load_id int8 not null,
    line int4 not null,
    primary key (source, day, currency)
  )`,
  `create table raw.target (
    kpi text not null,
    slice text not null,
    period text not null,
    value numeric not null,
    version text not null,
    load_id int8 not null,
    line int4 not null,
    primary key (kpi, slice, period, version)
  )`,
  `create table raw.cost_pool (
    month text not null,
    site text not null,
    channel text not null,
    cost_minor int8 not null,
    currency text not null,
    load_id int8 not null,
    line int4 not null,
    primary key (month, site, channel)
  )`,
  `create table raw.minor_unit (
    source text not null,
    currency text not null,
    exponent int4 not null,
    load_id int8 not null,
    line int4 not null,
    primary key (source, currency)
  )`,
]
