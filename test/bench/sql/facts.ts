import type { Client } from 'pg'

/** Payments enough for a rollup to matter. */
const MANY = { fees: 120_000, payments: 600_000 }

/** A warehouse of made-up fee and payment events over two years. */
export async function fillForBench(client: Client, events = MANY) {
  await client.query(`
    INSERT INTO mart.fact_fee_event (source, source_event_id, fee_id, event_type, business_date, occurred_at,
      recorded_at, marketplace, category, fee_kind, seller_id, currency, reason_group, amount_minor, charge_minor,
      principal_minor, cash_minor, collected_minor, refunded_minor, write_off_minor, charge_eur, cash_eur,
      collected_eur, refunded_eur)
    SELECT 'bench', n::text, 'F' || n / 3, 'charged', date '2025-01-01' + n % 700, now(), now(), ${marketplace},
      (ARRAY['packaging', 'batteries', 'weee', 'textile'])[1 + n % 4], 'service_fee', 'S' || n % 500, 'EUR', NULL,
      0, 0, 0, 0, 0, 0, 0, n % 97 * 1.37, n % 89 * 1.11, 0, 0
    FROM generate_series(1, ${events.fees}) AS n;
    INSERT INTO mart.fact_payment_event (source, source_event_id, payment_id, event_type, attempt_no, business_date,
      occurred_at, recorded_at, marketplace, partner, method, outcome, decline_group, is_submitted, amount_minor, currency)
    SELECT 'bench', n::text, 'P' || n / 2, 'attempt', 1, date '2025-01-01' + n % 700, now(), now(), ${marketplace},
      'partner_' || n % 6, (ARRAY['card', 'wallet'])[1 + n % 2], CASE WHEN n % 8 > 0 THEN 'authorised' ELSE 'declined' END,
      CASE WHEN n % 8 = 0 THEN 'fraud' END, true, 0, 'EUR'
    FROM generate_series(1, ${events.payments}) AS n;
    INSERT INTO engine.materialization (run, asset, partition, rows, changed, reads, metadata)
    VALUES (1, 'mart.fact_fee_event', '', 1, true, '[]', '{}')`)
  await client.query('VACUUM ANALYZE')
}

const marketplace = `(ARRAY['DE', 'FR', 'PL', 'US', 'JP'])[1 + n % 5]`
