import { leadOf, unitsOf, withDownstream } from '../../engine/graph.ts'
import type { Plan, PlannedStep } from '../../engine/plan.ts'
import { staleUnits } from '../../engine/run.ts'
import type { Works } from '../../worker.ts'

/** What upkeep would start right now, to be shown: what is stale and all that derives from it. */
export async function upkeepPlan({ db, plan }: Works): Promise<Plan> {
  const reasons = await staleUnits(db, plan)
  const steps = withDownstream(unitsOf(plan.assets), reasons.keys())
    .filter((unit) => leadOf(unit).automatic)
    .map((unit): PlannedStep => {
      return { unit, partition: '', keys: null, reason: reasons.get(unit.name) ?? null }
    })
  return { kind: 'upkeep', request: {}, priority: 0, atOnce: null, steps, now: new Date() }
}
