import { type Kysely, sql } from 'kysely'

/**
 * Dimensions, references, fees and open items. Frozen: a later change is a later migration.
 *
 * No index but the primary keys: every one slows the build, the rollups answer by day, and a scan
 * of the largest table takes a tenth of a second.
 */
export async function up(db: Kysely<unknown>) {
  for (const statement of [...dimensions, ...facts]) await sql.raw(statement).execute(db)
}

const dimensions = [
  `create table mart.dim_date (
    day date not null,
    iso_year int4 not null,
    iso_week int4 not null,
    week_start date not null,
    month text not null,
    quarter text not null,
    year int4 not null,
    prior_year_day date not null,
    primary key (day)
  )`,
  `create table mart.dim_marketplace (
    marketplace text not null,
    country text not null,
    currency text not null,
    zone text not null,
    launched_on date not null,
    primary key (marketplace)
  )`,
  `create table mart.dim_seller (
    seller_key text not null,
    seller_id text not null,
    valid_from date not null,
    valid_to date,
    counts_from date not null,
    tier text not null,
    country text not null,
    registration_status text not null,
    primary key (seller_key)
  )`,
  `create table mart.dim_partner (
    partner text not null,
    partner_kind text not null,
    contracted_on date not null,
    primary key (partner)
  )`,
  `create table mart.dim_category (
    category text not null,
    stream text not null,
    scheme text not null,
    primary key (category)
  )`,
  `create table mart.dim_agent (
    agent_key text not null,
    agent_id text not null,
    valid_from date not null,
    valid_to date,
    counts_from date not null,
    team text not null,
    site text not null,
    shore text not null,
    vendor text,
    primary key (agent_key)
  )`,
  `create table mart.dim_reason (
    domain text not null,
    reason_code text not null,
    reason_group text not null,
    is_avoidable bool not null,
    valid_from date not null,
    primary key (domain, reason_code)
  )`,
  `create table mart.ref_calendar_day (
    calendar text not null,
    day date not null,
    zone text not null,
    opens time not null,
    closes time not null,
    opens_at timestamptz not null,
    closes_at timestamptz not null,
    primary key (calendar, day)
  )`,
  `create table mart.ref_watermark (
    feed text not null,
    recorded_through timestamptz not null,
    as_of date not null,
    last_complete_week date not null,
    primary key (feed)
  )`,
  `create table mart.ref_minor_unit (
    source text not null,
    currency text not null,
    exponent int4 not null,
    primary key (source, currency)
  )`,
  `create table mart.ref_fx_rate (
    day date not null,
    currency text not null,
    rate numeric not null,
    published_on date not null,
    source text not null,
    primary key (day, currency)
  )`,
  `create table mart.ref_rate_card (
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
    primary key (rate_card, marketplace, category, fee_kind)
  )`,
  `create table mart.ref_sla_policy (
    policy text not null,
    case_type text not null,
    queue text not null,
    clock text not null,
    calendar text,
    pauses_while_waiting bool not null,
    target_seconds int4 not null,
    valid_from date not null,
    valid_to date,
    primary key (policy)
  )`,
  `create table mart.ref_target (
    kpi text not null,
    slice text not null,
    period text not null,
    value numeric not null,
    version text not null,
    primary key (kpi, slice, period, version)
  )`,
  `create table mart.ref_cost_pool (
    month text not null,
    site text not null,
    channel text not null,
    cost_minor int8 not null,
    currency text not null,
    primary key (month, site, channel)
  )`,
]

const facts = [
  `create table mart.fact_fee_event (
    source text not null,
    source_event_id text not null,
    fee_id text not null,
    event_type text not null,
    business_date date not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    marketplace text not null,
    category text not null,
    fee_kind text not null,
    seller_id text not null,
    currency text not null,
    reason_code text,
    reason_group text,
    amount_minor int8 not null,
    charge_minor int8 not null,
    principal_minor int8 not null,
    cash_minor int8 not null,
    collected_minor int8 not null,
    refunded_minor int8 not null,
    write_off_minor int8 not null,
    charge_eur numeric,
    cash_eur numeric,
    collected_eur numeric,
    refunded_eur numeric,
    write_off_eur numeric,
    primary key (source_event_id, source)
  )`,
  `create table mart.fact_fee (
    fee_id text not null,
    marketplace text not null,
    seller_id text not null,
    seller_key text,
    category text not null,
    fee_kind text not null,
    period text not null,
    currency text not null,
    rate_card text,
    quantity int4,
    weight_grams int4,
    charged_on date not null,
    due_on date not null,
    first_collected_on date,
    fully_collected_on date,
    disputed_on date,
    refunded_on date,
    written_off_on date,
    net_charged_minor int8 not null,
    principal_minor int8 not null,
    net_cash_minor int8 not null,
    written_off_minor int8 not null,
    outstanding_minor int8 not null,
    status text not null,
    replaces_fee_id text,
    is_mature_30 bool not null,
    principal_30_eur numeric,
    cash_30_eur numeric,
    is_mature_90 bool not null,
    principal_90_eur numeric,
    cash_90_eur numeric,
    is_mature_180 bool not null,
    principal_180_eur numeric,
    cash_180_eur numeric,
    primary key (fee_id)
  )`,
  `create table mart.fact_open_item_snapshot (
    snapshot_date date not null,
    item_type text not null,
    item_id text not null,
    marketplace text not null,
    category text,
    fee_kind text,
    queue text,
    currency text,
    age_days int4 not null,
    days_past_due int4,
    bucket text not null,
    balance_minor int8,
    balance_eur numeric,
    is_disputed bool not null,
    primary key (item_id, snapshot_date, item_type)
  )`,
]
