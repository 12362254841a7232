import { parseModel } from '../lint/model.ts'
import type { ModelFile } from '../server/model-files.ts'
import { policyRules } from './policy-rules.ts'

/** Stops a start with a model in which a view does not say, or says wrongly, who sees it. */
export function refuseOpenViews(files: ModelFile[], folder: string) {
  const model = parseModel(files)
  const found = policyRules.flatMap((rule) => rule(model))
  if (found.length === 0) return
  const sentences = found.map(({ file, where, problem }) => `${file}: ${where} ${problem}`)
  throw new Error(
    `The model in ${folder} does not say who sees what, so nothing is served:\n` +
      `${sentences.join('\n')}\nHow a view says it: docs/access.md`,
  )
}
