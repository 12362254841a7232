import { expect, vi } from 'vitest'
import { test } from '#test/kit/database.ts'
import { writeByHand } from './by-hand.ts'
import { openByHand, openEndpoint } from './endpoint.ts'
import { fillFacts } from './facts.ts'
import { people } from './people.ts'
import { describeMismatch, runCases } from './run.ts'

vi.setConfig({ testTimeout: 120_000 })

const SEED = 5
const CASES = 2_000
const SHAPES = 500

test('2,000 questions of three users have the answers that SQL on the facts gives', async ({
  database: { url, pool },
}) => {
  await fillFacts(pool)
  await writeByHand(pool, people)
  const hand = openByHand(url)
  await using endpoint = await openEndpoint(url, pool)

  const run = { seed: SEED, from: 0, to: CASES, shapes: SHAPES }
  const { withRows, mismatches } = await runCases(endpoint.ask, hand, run)
  await hand.end()

  expect(
    mismatches
      .slice(0, 5)
      .map((one) => describeMismatch(one, run))
      .join('\n'),
  ).toBe('')
  // Answers of nothing are all alike, so most must be of something.
  expect(withRows).toBeGreaterThan(CASES * 0.8)
})
