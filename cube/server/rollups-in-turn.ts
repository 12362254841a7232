import type { CubejsServerCore } from '@cubejs-backend/server-core'

type Orchestrator = Awaited<ReturnType<CubejsServerCore['getOrchestratorApi']>>
type PreAggregations = ReturnType<
  ReturnType<Orchestrator['getQueryOrchestrator']>['getPreAggregations']
>

/**
 * Lets one question at a time look for a rollup, and make it if it is not there. Cube lets all of
 * them, and who looks just when it is made does not see it yet, makes it once more under the name
 * that is taken, and hides it from the others meanwhile. What fails one fails those in line behind
 * it: the same would be before them.
 */
export function loadInTurn(rollups: PreAggregations) {
  const load = rollups.loadAllPreAggregationsIfNeeded.bind(rollups)
  const last = new Map<string, Promise<unknown>>()
  rollups.loadAllPreAggregationsIfNeeded = (question) => {
    const tables = (question.preAggregations ?? []).map(({ tableName }) => tableName)
    const mine = Promise.all(tables.flatMap((table) => last.get(table) ?? [])).then(() =>
      load(question),
    )
    for (const table of tables) last.set(table, mine)
    const leave = () => {
      for (const table of tables) if (last.get(table) === mine) last.delete(table)
    }
    mine.then(leave, leave)
    return mine
  }
}
