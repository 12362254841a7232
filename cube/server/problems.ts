/** A log event of Cube as one sentence, or nothing when no operator has to know. */
export function describeProblem(event: string, { error }: { error?: Error | string }) {
  if (!error || isUsersOwn(event, String(error))) return undefined
  return `Cube: ${event}: ${firstLine(String(error))}`
}

const ANSWERED_TO_USER = new Set(['UserError', 'Auth Error', 'Forbidden', 'Continue wait'])
const ABOUT_A_TOKEN =
  /^(?:JsonWebTokenError|TokenExpiredError|NotBeforeError|.*Authorization header)/
const ABOUT_A_MEMBER = /You requested hidden member/

/** Whoever asked was told already. */
function isUsersOwn(event: string, error: string) {
  return ANSWERED_TO_USER.has(event) || ABOUT_A_TOKEN.test(error) || ABOUT_A_MEMBER.test(error)
}

function firstLine(text: string) {
  return text.split('\n', 1)[0]
}
