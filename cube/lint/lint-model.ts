import type { ModelFile } from '../server/model-files.ts'
import { policyRules } from '../access/policy-rules.ts'
import { parseModel, type Rule } from './model.ts'
import { additivityRules } from './rules/additivity.ts'
import { cubeRules } from './rules/cubes.ts'
import { fileRules } from './rules/files.ts'
import { measureRules } from './rules/measures.ts'
import { plannerRules } from './rules/planner.ts'
import { viewRules } from './rules/views.ts'

const RULES: Rule[] = [
  ...fileRules,
  ...plannerRules,
  ...cubeRules,
  ...viewRules,
  ...policyRules,
  ...measureRules,
  ...additivityRules,
]

/**
 * What is wrong with a model, a sentence each; none when it may be used. Cube itself accepts all of
 * it: most would give a wrong number without an error.
 */
export function lintModel(files: ModelFile[]): string[] {
  const model = parseModel(files)
  return RULES.flatMap((rule) => rule(model)).map(
    ({ file, where, problem }) => `${file}: ${where} ${problem}`,
  )
}
