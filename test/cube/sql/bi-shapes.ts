/** What a tool sends, and the same asked by hand of facts of which only fee events and payments are. */
export interface Shape {
  tool: string
  sql: string
  byHand: string
}

const charged = 'SUM(charge_eur)'
const rate = 'SUM(cash_eur) / NULLIF(SUM(charge_eur), 0)'
const events = 'mart.fact_fee_event'

export const shapes: Shape[] = [
  {
    tool: 'Tableau: a measure by a dimension',
    sql: `SELECT "fees"."marketplace" AS "marketplace", SUM("fees"."fees_charged") AS "sum:fees_charged:ok"
      FROM "bi"."fees" "fees" GROUP BY 1 HAVING (COUNT(1) > 0)`,
    byHand: `SELECT marketplace, ${charged} FROM ${events} GROUP BY 1`,
  },
  {
    tool: 'Tableau: a ratio, for which it writes AVG',
    sql: `SELECT "fees"."marketplace" AS "marketplace", AVG("fees"."recovery_cash_rate") AS "avg:recovery_cash_rate:ok"
      FROM "bi"."fees" "fees" GROUP BY 1`,
    byHand: `SELECT marketplace, ${rate} FROM ${events} GROUP BY 1`,
  },
  {
    tool: 'Tableau: a ratio in a tooltip, for which it writes MIN and MAX',
    sql: `SELECT MIN("fees"."recovery_cash_rate") AS "a", MAX("fees"."recovery_cash_rate") AS "b" FROM "bi"."fees" "fees" HAVING (COUNT(1) > 0)`,
    byHand: `SELECT ${rate}, ${rate} FROM ${events}`,
  },
  {
    tool: 'Tableau: months',
    sql: `SELECT DATE_TRUNC('MONTH', CAST("fees"."day" AS TIMESTAMP)) AS "tmn:day:ok", SUM("fees"."fees_charged") AS "s"
      FROM "bi"."fees" "fees" GROUP BY 1`,
    byHand: `SELECT date_trunc('month', business_date::timestamp), ${charged} FROM ${events} GROUP BY 1`,
  },
  {
    tool: 'Tableau: months as dates',
    sql: `SELECT CAST(DATE_TRUNC('MONTH', CAST("fees"."day" AS TIMESTAMP)) AS DATE) AS "tmn:day:ok", SUM("fees"."fees_charged")
      FROM "bi"."fees" "fees" WHERE (("fees"."day" >= (DATE '2026-01-01')) AND ("fees"."day" <= (DATE '2026-06-30'))) GROUP BY 1`,
    byHand: `SELECT date_trunc('month', business_date::timestamp)::date, ${charged} FROM ${events}
      WHERE business_date BETWEEN '2026-01-01' AND '2026-06-30' GROUP BY 1`,
  },
  {
    tool: 'Tableau: parts of a date',
    sql: `SELECT EXTRACT(YEAR FROM "fees"."day") AS "yr:day:ok", EXTRACT(QUARTER FROM "fees"."day") AS "qr:day:ok", SUM("fees"."fees_charged")
      FROM "bi"."fees" "fees" GROUP BY 1, 2`,
    byHand: `SELECT extract(year FROM business_date), extract(quarter FROM business_date), ${charged} FROM ${events} GROUP BY 1, 2`,
  },
  {
    tool: 'Tableau: weeks that begin on a Sunday',
    sql: `SELECT (CAST("fees"."day" AS DATE) - CAST(EXTRACT(DOW FROM "fees"."day") AS INTEGER)) AS "wk", SUM("fees"."fees_charged")
      FROM "bi"."fees" "fees" GROUP BY 1`,
    byHand: `SELECT business_date - extract(dow FROM business_date)::int, ${charged} FROM ${events} GROUP BY 1`,
  },
  {
    tool: 'Tableau: the first three, joined',
    sql: `SELECT "fees"."category" AS "category", AVG("fees"."recovery_cash_rate") AS "avg" FROM "bi"."fees" "fees"
      INNER JOIN (SELECT "fees"."category" AS "category", SUM("fees"."fees_charged") AS "$__alias__0" FROM "bi"."fees" "fees"
        GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 LIMIT 3) "t0" ON ("fees"."category" IS NOT DISTINCT FROM "t0"."category") GROUP BY 1`,
    byHand: `SELECT category, ${rate} FROM ${events} WHERE category IN
      (SELECT category FROM ${events} GROUP BY 1 ORDER BY ${charged} DESC NULLS LAST, 1 LIMIT 3) GROUP BY 1`,
  },
  {
    tool: 'Tableau: a set in and out',
    sql: `SELECT (CASE WHEN ("t0"."x_measure__0" > 100) THEN TRUE ELSE FALSE END) AS "io:Set 1:nk", COUNT(1) AS "n"
      FROM (SELECT "fees"."marketplace" AS "marketplace", SUM("fees"."fees_charged") AS "x_measure__0" FROM "bi"."fees" "fees" GROUP BY 1) "t0" GROUP BY 1`,
    byHand: `SELECT charged > 100, count(*) FROM
      (SELECT marketplace, ${charged} AS charged FROM ${events} GROUP BY 1) t GROUP BY 1`,
  },
  {
    tool: 'Tableau: groups by CASE',
    sql: `SELECT (CASE WHEN ("fees"."marketplace" IN ('DE', 'FR')) THEN 'euro' WHEN NOT ("fees"."marketplace" IS NULL) THEN "fees"."marketplace" ELSE NULL END) AS "group",
      SUM("fees"."fees_charged") FROM "bi"."fees" "fees" GROUP BY 1`,
    byHand: `SELECT CASE WHEN marketplace IN ('DE', 'FR') THEN 'euro' ELSE marketplace END, ${charged} FROM ${events} GROUP BY 1`,
  },
  {
    tool: 'Tableau: a calculated field of ratios',
    sql: `SELECT "fees"."marketplace", (AVG("fees"."recovery_cash_rate") * 100) - 50 AS "calc" FROM "bi"."fees" "fees" GROUP BY 1`,
    byHand: `SELECT marketplace, (${rate}) * 100 - 50 FROM ${events} GROUP BY 1`,
  },
  {
    tool: 'Tableau: a condition inside a sum',
    sql: `SELECT SUM((CASE WHEN ("fees"."marketplace" = 'DE') THEN "fees"."fees_charged" ELSE NULL END)) AS "s" FROM "bi"."fees" "fees"`,
    byHand: `SELECT ${charged} FROM ${events} WHERE marketplace = 'DE'`,
  },
  {
    tool: 'Tableau: custom SQL around a view',
    sql: `SELECT "Custom SQL Query"."marketplace" AS "marketplace", AVG("Custom SQL Query"."recovery_cash_rate") AS "avg"
      FROM (SELECT * FROM bi.fees WHERE fee_kind = 'service_fee') "Custom SQL Query" GROUP BY 1`,
    byHand: `SELECT marketplace, ${rate} FROM ${events} WHERE fee_kind = 'service_fee' GROUP BY 1`,
  },
  {
    tool: 'Tableau: values for a filter',
    sql: `SELECT "fees"."marketplace" AS "marketplace" FROM "bi"."fees" "fees" GROUP BY 1 ORDER BY 1 ASC`,
    byHand: `SELECT DISTINCT marketplace FROM ${events} ORDER BY 1`,
  },
  {
    tool: 'QuickSight: an aggregate with a filter on days',
    sql: `SELECT "marketplace", SUM("fees_charged") AS "c" FROM "bi"."fees" WHERE "day" >= TIMESTAMP '2026-01-01 00:00:00' AND "day" < TIMESTAMP '2026-07-01 00:00:00' GROUP BY "marketplace" ORDER BY "c" DESC NULLS LAST LIMIT 2500`,
    byHand: `SELECT marketplace, ${charged} AS c FROM ${events} WHERE business_date >= '2026-01-01' AND business_date < '2026-07-01' GROUP BY 1 ORDER BY c DESC NULLS LAST`,
  },
  {
    tool: 'QuickSight: custom SQL, truncated by its own wrapper',
    sql: `SELECT date_trunc('week', "day") AS "w", SUM("fees_charged") AS "s" FROM (SELECT day, fees_charged FROM bi.fees WHERE marketplace = 'FR') AS "tbl" GROUP BY date_trunc('week', "day")`,
    byHand: `SELECT date_trunc('week', business_date::timestamp), ${charged} FROM ${events} WHERE marketplace = 'FR' GROUP BY 1`,
  },
  {
    tool: 'Power BI: distinct values that count the blank',
    sql: `select COUNT(DISTINCT("rows"."reason_group")) + MAX(CASE WHEN "rows"."reason_group" IS NULL THEN 1 ELSE 0 END) as "a0"
      from "recoup"."bi"."fees" "rows" where "rows"."marketplace" = 'DE'`,
    byHand: `SELECT count(DISTINCT reason_group) + 1 FROM ${events} WHERE marketplace = 'DE'`,
  },
  {
    tool: 'Power BI: a table cut off where it would not fit',
    sql: `select "_"."marketplace", "_"."a0" from (select "rows"."marketplace" as "marketplace", sum("rows"."fees_charged") as "a0"
      from (select "marketplace", "fees_charged", "category" from "bi"."fees" "$Table" where "category" = 'batteries') "rows" group by "marketplace") "_"
      where not "_"."a0" is null LIMIT 1000001 OFFSET 0`,
    byHand: `SELECT marketplace, ${charged} FROM ${events} WHERE category = 'batteries' GROUP BY 1`,
  },
  {
    tool: 'Superset: a chart by week',
    sql: `SELECT DATE_TRUNC('week', day) AS __timestamp, marketplace AS marketplace, MEASURE(recovery_cash_rate) AS "rate"
      FROM bi.fees WHERE day >= TO_DATE('2026-01-01', 'YYYY-MM-DD') AND day < TO_DATE('2026-07-01', 'YYYY-MM-DD')
      GROUP BY DATE_TRUNC('week', day), marketplace ORDER BY "rate" DESC LIMIT 10000`,
    byHand: `SELECT date_trunc('week', business_date::timestamp), marketplace, ${rate} AS rate FROM ${events}
      WHERE business_date >= '2026-01-01' AND business_date < '2026-07-01' GROUP BY 1, 2 ORDER BY rate DESC`,
  },
  {
    tool: 'Superset: rows of a virtual data set',
    sql: `SELECT marketplace, SUM(c) AS c FROM (SELECT marketplace, category, SUM(fees_charged) AS c FROM bi.fees GROUP BY 1, 2) AS virtual_table GROUP BY marketplace`,
    byHand: `SELECT marketplace, ${charged} FROM ${events} GROUP BY 1`,
  },
  {
    tool: 'Metabase: a question by month',
    sql: `SELECT CAST(DATE_TRUNC('month', "bi"."fees"."day") AS date) AS "day", SUM("bi"."fees"."fees_charged") AS "sum"
      FROM "bi"."fees" WHERE "bi"."fees"."marketplace" = 'DE' GROUP BY CAST(DATE_TRUNC('month', "bi"."fees"."day") AS date)
      ORDER BY CAST(DATE_TRUNC('month', "bi"."fees"."day") AS date) ASC`,
    byHand: `SELECT date_trunc('month', business_date::timestamp)::date, ${charged} FROM ${events} WHERE marketplace = 'DE' GROUP BY 1 ORDER BY 1`,
  },
  {
    tool: 'Redshift dialect: DATEADD and DATEDIFF',
    sql: `SELECT DATEDIFF(month, '2026-01-31', day) AS m, DATEADD(day, 7, MIN(day)) AS d, SUM(fees_charged) FROM fees GROUP BY DATEDIFF(month, '2026-01-31', day)`,
    byHand: `SELECT (extract(year FROM business_date) - 2026) * 12 + extract(month FROM business_date) - 1,
      min(business_date) + 7 * interval '1 day', ${charged} FROM ${events} GROUP BY 1`,
  },
  {
    tool: 'An analyst: running total and share',
    sql: `WITH m AS (SELECT date_trunc('month', day) AS month, marketplace, SUM(fees_charged) AS c FROM fees WHERE day < '2026-07-01' AND day >= '2026-01-01' GROUP BY 1, 2)
      SELECT month, marketplace, c, SUM(c) OVER (PARTITION BY marketplace ORDER BY month) AS running, c / NULLIF(SUM(c) OVER (PARTITION BY month), 0) AS share FROM m`,
    byHand: `SELECT m, marketplace, c, sum(c) OVER (PARTITION BY marketplace ORDER BY m), c / nullif(sum(c) OVER (PARTITION BY m), 0) FROM
      (SELECT date_trunc('month', business_date::timestamp) AS m, marketplace, ${charged} AS c FROM ${events}
        WHERE business_date < '2026-07-01' AND business_date >= '2026-01-01' GROUP BY 1, 2) x`,
  },
  {
    tool: 'An analyst: two views by a common key',
    sql: `SELECT f.marketplace, f.c, p.t FROM (SELECT marketplace, SUM(fees_charged) AS c FROM fees GROUP BY 1) f
      JOIN (SELECT marketplace, SUM(transactions) AS t FROM payments GROUP BY 1) p USING (marketplace)`,
    byHand: `SELECT marketplace, f.c, p.t FROM (SELECT marketplace, ${charged} AS c FROM ${events} GROUP BY 1) f
      JOIN (SELECT marketplace, count(*) FILTER (WHERE authorised_at IS NOT NULL) AS t FROM mart.fact_payment WHERE first_attempt_on IS NOT NULL GROUP BY 1) p USING (marketplace)`,
  },
  {
    tool: 'An analyst: subtotals',
    sql: `SELECT marketplace, fee_kind, GROUPING(marketplace, fee_kind) AS level, MEASURE(recovery_cash_rate) FROM fees
      WHERE day BETWEEN '2026-01-01' AND '2026-03-31' GROUP BY ROLLUP (marketplace, fee_kind)`,
    byHand: `SELECT marketplace, fee_kind, grouping(marketplace, fee_kind), ${rate} FROM ${events}
      WHERE business_date BETWEEN '2026-01-01' AND '2026-03-31' GROUP BY ROLLUP (marketplace, fee_kind)`,
  },
]
