import type pg from 'pg'

/** The newest complete day of every feed; a Wednesday, so that it is no week's last. */
const AS_OF = '2026-02-11'

export const MARKETPLACES = ['DE', 'FR', 'PL', 'US', 'JP']

/** Words that trip up whoever quotes, escapes, or puts something in place of a mark. */
const NASTY = [
  '',
  ' ',
  "it's",
  'say "so"',
  'a\\b',
  '50%',
  'a_b',
  '$0$',
  '$1',
  '${fees.day}',
  'Größe',
]

/** What the columns of text hold, so that conditions meet them. */
export const VALUES = {
  category: ['packaging', 'batteries', 'weee', "O'Brien", '', 'nobody knows'],
  stream: ['packaging', 'electric', '100%', ''],
  fee_kind: ['eco', 'service', ''],
  currency: ['EUR', 'PLN', 'USD', 'JPY'],
  fee_reason: ['goodwill', 'price', 'unmapped', ...NASTY],
  fee_bucket: ['current', '1-30', '31-60', '61-90', '91-180', '181-365', '365+', 'credit'],
  tier: ['small', 'large', 'a_b'],
  seller: ids('S', 40),
  fee: ids('F', 400),
  partner: ['adyen', 'PayPal', 'a_b', "d'Or"],
  method: ['card', 'wallet', ''],
  decline: [
    'issuer_soft',
    'issuer_hard',
    'insufficient_funds',
    'fraud',
    'authentication',
    'technical',
    'partner_down',
    'unmapped',
  ],
  payment: ids('P', 500),
  channel: ['voice', 'chat', 'e-mail', 'bot'],
  site: ['Kraków', 'Manila', ''],
  shore: ['near', 'off'],
  contact_reason: ['refund', 'unmapped', ...NASTY],
  contact: ids('C', 900),
  queue: ['listing', 'account', "seller's"],
  case_reason: ['fake', 'late', ''],
  decision: ['upheld', 'overturned', 'partial'],
  case_bucket: ['0-1', '1-3', '3-7', '7-14', '14+'],
  case: ids('A', 260),
} satisfies Record<string, string[]>

/** Ends of years with and without a 53rd week, leap days, and both sides of the watermark. */
export const DAYS = [
  '2020-02-29',
  '2020-12-31',
  '2021-01-01',
  '2021-01-03',
  '2021-01-04',
  '2024-02-29',
  '2024-12-30',
  '2025-12-28',
  '2025-12-29',
  '2025-12-31',
  '2026-01-01',
  AS_OF,
  '2026-02-12',
]

const SNAPSHOTS = ['2025-12-28', '2026-01-04', '2026-01-31', '2026-02-01', '2026-02-08', AS_OF]

/**
 * Fills the tables that the cubes read with a few thousand rows that are always the same: every
 * column that may be NULL sometimes is, amounts are zero and negative too, and what refers to
 * something often refers to nothing.
 */
export async function fillFacts(pool: pg.Pool) {
  const client = await pool.connect()
  try {
    await client.query([HELPERS, DIMENSIONS, FEES, PAYMENTS, CONTACTS, CASES, VERSION].join(';\n'))
    await client.query('ANALYZE')
  } finally {
    client.release()
  }
}

function ids(letter: string, count: number) {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
}

function list(values: string[]) {
  return `ARRAY[${values.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')}]::text[]`
}

/** The SQL of one value of a list, told apart by `salt` from the other columns of row `n`. */
function pick(salt: string, values: string[]) {
  return `pg_temp.pick(n, '${salt}', ${list(values)})`
}

/** The same, NULL in some `percent` of the rows. */
function perhaps(percent: number, salt: string, sql: string) {
  return `CASE WHEN pg_temp.dice(n, '${salt}?', 100) >= ${percent} THEN ${sql} END`
}

const money = (salt: string) => perhaps(12, salt, `pg_temp.money(n, '${salt}')`)
const isTrue = (salt: string, percent: number) => `pg_temp.dice(n, '${salt}', 100) < ${percent}`
const day = (salt: string) => `pg_temp.a_day(n, '${salt}')`
const at = (salt: string) => `(${day(salt)} + time '10:00') AT TIME ZONE 'UTC'`

const HELPERS = `
  CREATE FUNCTION pg_temp.dice(n int, salt text, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('x' || left(md5(salt || n), 7))::bit(28)::int % sides $$;
  CREATE FUNCTION pg_temp.pick(n int, salt text, list text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT list[1 + pg_temp.dice(n, salt, cardinality(list))] $$;
  CREATE FUNCTION pg_temp.money(n int, salt text) RETURNS numeric LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN pg_temp.dice(n, salt || '0', 8) = 0 THEN 0
         ELSE (pg_temp.dice(n, salt, 200001) - 60000) / 10.0 ^ (1 + pg_temp.dice(n, salt || '.', 4)) END::numeric(20, 6) $$;
  CREATE FUNCTION pg_temp.a_day(n int, salt text) RETURNS date LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN pg_temp.dice(n, salt || '!', 3) = 0
         THEN pg_temp.pick(n, salt, ${list(DAYS)})::date
         ELSE date '2024-01-01' + pg_temp.dice(n, salt, 780) END $$`

const FEEDS = ['fees', 'payments', 'contacts', 'cases']
const DIMENSIONS = `
  INSERT INTO mart.ref_watermark (feed, recorded_through, as_of, last_complete_week)
    SELECT feed, '${AS_OF} 23:00Z', '${AS_OF}', '2026-02-02' FROM unnest(${list(FEEDS)}) AS feed;
  INSERT INTO mart.dim_marketplace (marketplace, country, currency, zone, launched_on)
    SELECT marketplace, marketplace, 'EUR', 'UTC', '2020-01-01' FROM unnest(${list(MARKETPLACES)}) AS marketplace;
  INSERT INTO mart.dim_date (day, iso_year, iso_week, week_start, month, quarter, year, prior_year_day)
    SELECT day, extract(isoyear FROM day), extract(week FROM day), date_trunc('week', day::timestamp)::date,
      to_char(day, 'YYYY-MM'), to_char(day, 'YYYY-Q'), extract(year FROM day), day - 364
    FROM (SELECT date '2025-12-01' + n AS day FROM generate_series(0, 90) AS n) AS days;
  INSERT INTO mart.dim_category (category, stream, scheme)
    SELECT category, (${list(VALUES.stream)})[n], 'scheme'
    FROM unnest(${list(VALUES.category.slice(0, 4))}) WITH ORDINALITY AS one(category, n);
  INSERT INTO mart.dim_seller (seller_key, seller_id, valid_from, valid_to, counts_from, tier, country, registration_status)
    SELECT 'K' || n, 'S' || n, '2020-01-01', NULL, '2020-01-01', ${pick('tier', VALUES.tier)}, 'DE', 'registered'
    FROM generate_series(1, 30) AS n`

const mature = (days: number) => {
  const is = isTrue('mature', days === 30 ? 80 : days === 90 ? 60 : 40)
  return `${is}, CASE WHEN ${is} THEN ${money(`principal${days}`)} END, CASE WHEN ${is} THEN ${money(`cash${days}`)} END`
}

const FEES = `
  INSERT INTO mart.fact_fee (fee_id, marketplace, seller_id, seller_key, category, fee_kind, period, currency,
      charged_on, due_on, net_charged_minor, principal_minor, net_cash_minor, written_off_minor, outstanding_minor, status,
      is_mature_30, principal_30_eur, cash_30_eur, is_mature_90, principal_90_eur, cash_90_eur,
      is_mature_180, principal_180_eur, cash_180_eur)
    SELECT 'F' || n, ${pick('m', MARKETPLACES)}, ${pick('s', VALUES.seller)},
      ${perhaps(15, 'k', "'K' || (1 + pg_temp.dice(n, 'k', 35))")}, ${pick('c', VALUES.category)},
      ${pick('f', VALUES.fee_kind)}, '2025', ${pick('e', VALUES.currency)}, ${day('charged')}, ${day('charged')} + 30,
      0, 0, 0, 0, 0, 'open', ${mature(30)}, ${mature(90)}, ${mature(180)}
    FROM generate_series(1, 380) AS n;
  INSERT INTO mart.fact_fee_event (source, source_event_id, fee_id, event_type, business_date, occurred_at, recorded_at,
      marketplace, category, fee_kind, seller_id, currency, reason_code, reason_group, amount_minor, charge_minor,
      principal_minor, cash_minor, collected_minor, refunded_minor, write_off_minor,
      charge_eur, cash_eur, collected_eur, refunded_eur, write_off_eur)
    SELECT 'ledger', 'E' || n, ${pick('fee', VALUES.fee)}, 'charged', ${day('event')}, ${at('event')}, ${at('event')},
      ${pick('em', MARKETPLACES)}, ${pick('ec', VALUES.category)}, ${pick('ef', VALUES.fee_kind)},
      ${pick('es', VALUES.seller)}, ${pick('ee', VALUES.currency)}, NULL, ${perhaps(40, 'er', pick('er', VALUES.fee_reason))},
      0, 0, 0, 0, 0, 0, 0, ${money('charge')}, ${money('cash')}, ${money('collected')}, ${money('refunded')}, NULL
    FROM generate_series(1, 1200) AS n;
  INSERT INTO mart.fact_open_item_snapshot (snapshot_date, item_type, item_id, marketplace, category, fee_kind, queue,
      currency, age_days, days_past_due, bucket, balance_minor, balance_eur, is_disputed)
    SELECT day::date, 'fee', 'F' || (n % 97 + 300), ${pick('om', MARKETPLACES)}, ${perhaps(10, 'oc', pick('oc', VALUES.category))},
      ${perhaps(10, 'of', pick('of', VALUES.fee_kind))}, NULL, ${perhaps(10, 'oe', pick('oe', VALUES.currency))}, 1, 1,
      ${pick('ob', VALUES.fee_bucket)}, 0, ${money('balance')}, false
    FROM unnest(${list(SNAPSHOTS)}) WITH ORDINALITY AS one(day, k), generate_series(k::int * 1000, k::int * 1000 + 80) AS n`

const PAYMENTS = `
  INSERT INTO mart.fact_payment_event (source, source_event_id, payment_id, event_type, attempt_no, business_date, occurred_at,
      recorded_at, marketplace, partner, method, outcome, reason_code, decline_group, is_submitted, amount_minor, currency)
    SELECT 'gate', 'E' || n, ${pick('p', VALUES.payment)}, 'attempt', 1, ${day('pe')}, ${at('pe')}, ${at('pe')},
      ${pick('pm', MARKETPLACES)}, ${pick('pp', VALUES.partner)}, ${pick('pw', VALUES.method)},
      ${perhaps(8, 'po', pick('po', ['authorised', 'authorised', 'declined', 'error']))}, NULL,
      ${perhaps(50, 'pd', pick('pd', VALUES.decline))}, ${isTrue('sub', 90)}, 0, 'EUR'
    FROM generate_series(1, 1100) AS n;
  INSERT INTO mart.fact_payment (payment_id, marketplace, partner, method, first_attempt_on, authorised_at, is_authorised_24h,
      refunded_minor, currency, amount_minor, attempts)
    SELECT 'P' || n, ${pick('qm', MARKETPLACES)}, ${pick('qp', VALUES.partner)}, ${pick('qw', VALUES.method)},
      ${perhaps(10, 'qd', day('qd'))}, ${perhaps(30, 'qa', at('qd'))}, ${isTrue('q24', 60)}, 0, 'EUR', 0, 1
    FROM generate_series(1, 480) AS n`

const CONTACTS = `
  INSERT INTO mart.fact_contact (source, source_event_id, channel, direction, site, shore, marketplace, customer_id, reason_code,
      reason_group, is_avoidable, offered_at, business_date, wait_seconds, talk_seconds, hold_seconds, wrap_seconds, legs,
      is_spam, is_counted, is_handled, handle_seconds, cost_eur, is_cost_provisional, is_issue, is_mature_7d,
      is_resolved_first, is_repeat_7d)
    SELECT 'desk', 'C' || n, ${pick('cc', VALUES.channel)}, 'inbound', ${perhaps(20, 'cs', pick('cs', VALUES.site))},
      ${perhaps(20, 'ch', pick('ch', VALUES.shore))}, ${pick('cm', MARKETPLACES)}, 'U' || n % 50, 'code',
      ${pick('cr', VALUES.contact_reason)}, ${isTrue('ca', 30)}, ${at('cd')}, ${day('cd')}, 1, 1, 1, 1, 1, false,
      ${isTrue('count', 85)}, ${isTrue('handled', 70)}, pg_temp.dice(n, 'hs', 90000) / 100.0, ${money('cost')},
      ${isTrue('prov', 30)}, ${isTrue('issue', 60)}, ${isTrue('m7', 80)}, ${isTrue('first', 50)}, ${isTrue('repeat', 20)}
    FROM generate_series(1, 900) AS n`

const KIND = pick('ck', ['appeal', 'appeal', 'appeal', 'claim'])
const STATE = pick('state', ['met', 'missed', 'pending'])
const CASES = `
  INSERT INTO mart.fact_case (case_id, case_type, level, marketplace, seller_id, queue, reason_code, received_at, received_on,
      decision, reopen_count, decision_seconds, open_seconds)
    SELECT 'A' || n, ${KIND}, 1 + pg_temp.dice(n, 'lv', 2), ${pick('am', MARKETPLACES)}, 'S1', ${pick('aq', VALUES.queue)},
      ${pick('ar', VALUES.case_reason)}, ${at('ad')}, ${day('ad')}, ${perhaps(40, 'ax', pick('ax', VALUES.decision))}, 0,
      ${perhaps(40, 'ds', "pg_temp.dice(n, 'ds', 900000)")}, ${perhaps(50, 'os', "pg_temp.dice(n, 'os', 900000)")}
    FROM generate_series(1, 240) AS n;
  INSERT INTO mart.fact_case_event (source, source_event_id, case_id, event_type, cycle_no, business_date, occurred_at,
      recorded_at, case_type, marketplace, queue, decision)
    SELECT 'desk', 'E' || n, ${pick('ei', VALUES.case)}, ${pick('et', ['received', 'decided', 'withdrawn', 'invalid', 'merged'])},
      1 + pg_temp.dice(n, 'cy', 2), ${day('ed')}, ${at('ed')}, ${at('ed')}, ${KIND}, ${pick('cem', MARKETPLACES)},
      ${pick('eq', VALUES.queue)}, ${perhaps(40, 'ex', pick('ex', VALUES.decision))}
    FROM generate_series(1, 700) AS n;
  INSERT INTO mart.fact_case_cycle (case_id, cycle_no, case_type, marketplace, queue, reason_code, level, started_at, started_on,
      decision, sla_state)
    SELECT 'A' || (n / 2 + 1), n % 2 + 1, ${KIND}, ${pick('ym', MARKETPLACES)}, ${pick('yq', VALUES.queue)},
      ${pick('yr', VALUES.case_reason)}, 1 + pg_temp.dice(n, 'yl', 2), ${at('yd')}, ${day('yd')},
      ${perhaps(40, 'yx', pick('yx', VALUES.decision))}, ${perhaps(15, 'ys', STATE)}
    FROM generate_series(1, 400) AS n;
  INSERT INTO mart.fact_open_item_snapshot (snapshot_date, item_type, item_id, marketplace, queue, age_days, bucket, is_disputed)
    SELECT day::date, 'case', 'A' || (n % 250 + 1), ${pick('om', MARKETPLACES)}, ${perhaps(10, 'oq', pick('oq', VALUES.queue))}, 1,
      ${pick('cb', VALUES.case_bucket)}, false
    FROM unnest(${list(SNAPSHOTS)}) WITH ORDINALITY AS one(day, k), generate_series(k::int * 1000, k::int * 1000 + 50) AS n`

/** Without one Cube takes the warehouse for empty. */
const VERSION = `
  INSERT INTO engine.materialization (run, asset, partition, rows, changed, reads, metadata)
    VALUES (1, 'mart.fact_fee', '', 380, true, '[]', '{}')`
