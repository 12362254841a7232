import { code, readFields, severity, tellable } from './fields.ts'
import { errorMessage, letter, noticeMessage, parameterStatus } from './messages.ts'
import { tell } from './questions.ts'
import { lengthAt, type Relay, writeAll } from './relay.ts'
import type { Request } from './requests.ts'

const dataRow = letter('D')
const copyData = letter('d')
const rowDescription = letter('T')
const parameterDescription = letter('t')

/**
 * Answers go to the client as they come; of rows only the length is looked at. What is read is which
 * message is answered, and how.
 */
export function relayAnswers(relay: Relay): { isBetweenMessages: () => boolean } {
  const { client, backend } = relay
  /** The start of a message whose rest is not there yet. */
  let carried: Buffer | undefined
  /** Bytes to come of a message that is passed on. */
  let left = 0

  backend.stream.on('data', (chunk: Buffer) => {
    if (relay.isOver) return
    let isFlowing: boolean
    if (left >= chunk.length) {
      left -= chunk.length
      isFlowing = client.write(chunk)
    } else isFlowing = writeAll(client, take(chunk))
    if (!isFlowing) {
      backend.stream.pause()
      client.once('drain', () => backend.stream.resume())
    }
  })
  return { isBetweenMessages: () => left === 0 }

  function take(chunk: Buffer): Buffer[] {
    const data = carried ? Buffer.concat([carried, chunk]) : chunk
    carried = undefined
    const pieces: Buffer[] = []
    let from = 0
    let at = left
    left = 0
    while (data.length - at >= 5) {
      const type = data[at]
      const end = at + 1 + lengthAt(data, at + 1)
      if (type === dataRow || type === copyData) {
        at = end
        continue
      }
      if (type !== rowDescription && type !== parameterDescription && end > data.length) break
      const answer = relay.requests.first()
      if (answer && answer.notices.length > 0 && type !== parameterDescription && !isAside(type)) {
        pieces.push(data.subarray(from, at), ...answer.notices.map(noticeMessage))
        answer.notices = []
        from = at
      }
      const replacement = judge(relay, type!, data, at, end, answer)
      if (replacement !== asItIs) {
        pieces.push(data.subarray(from, at), replacement)
        from = end
      }
      at = end
    }
    if (at > data.length) {
      left = at - data.length
      at = data.length
    }
    if (at < data.length) carried = data.subarray(at)
    pieces.push(data.subarray(from, at))
    return pieces.filter((piece) => piece.length > 0)
  }
}

/** What comes without being asked for. */
function isAside(type: number | undefined) {
  return type === letter('S') || type === letter('N') || type === letter('A')
}

const asItIs = Symbol('as it is')
const swallowed = Buffer.alloc(0)

/** Notes what an answer means, and gives what the client is to see instead. */
function judge(
  relay: Relay,
  type: number,
  data: Buffer,
  at: number,
  end: number,
  answered: Request | undefined,
): Buffer | typeof asItIs {
  const { requests } = relay
  switch (String.fromCharCode(type)) {
    case '1':
    case '2':
    case '3':
      requests.shift()
      answered?.confirm?.()
      if (type === letter('3') && answered?.portal && answered.portal.question.rows > 0)
        finish(relay, answered)
      return answered?.isOwn ? swallowed : asItIs
    case 'T':
    case 'n':
      if (answered?.type === 'D') requests.shift()
      return asItIs
    case 'C':
      completed(relay, data.toString('latin1', at + 5, end - 1), answered)
      return asItIs
    case 'I':
    case 's':
      if (answered?.type !== 'E') return asItIs
      requests.shift()
      if (type === letter('I')) finish(relay, answered)
      else if (answered.portal) answered.portal.question.rows += answered.mostRows
      return asItIs
    case 'Z':
      requests.shift()
      if (answered?.type === 'Q') finish(relay, answered)
      relay.isCancelled = false
      if (relay.portals.size > 0 && data[at + 5] === letter('I')) closePortals(relay, answered)
      return asItIs
    case 'E':
      return failed(relay, data.subarray(at, end), answered)
    case 'N':
      return tellable('N', readFields(data.subarray(at, end)), { withPosition: false })
    case 'S':
      return statusChanged(relay, data.toString('utf8', at + 5, end - 1))
    default:
      return asItIs
  }
}

/** What a command says of itself at its end, such as `SELECT 5`. */
function completed(relay: Relay, tag: string, answered: Request | undefined) {
  const rows = Number(tag.slice(tag.lastIndexOf(' ') + 1))
  const asked = answered?.type === 'E' ? answered.portal?.question : answered?.question
  if (asked && rows > 0) asked.rows += rows
  if (tag.startsWith('D')) forgetStatements(relay, tag, asked?.sql ?? '')
  if (answered?.type !== 'E') return
  relay.requests.shift()
  finish(relay, answered)
}

function finish({ audit, person }: Relay, { portal, question }: Request) {
  const asked = portal?.question ?? question
  if (asked) tell(audit, person, asked, 'done')
}

function forgetStatements({ statements, requests }: Relay, tag: string, sql: string) {
  if (tag === 'DISCARD ALL' || tag === 'DEALLOCATE ALL')
    statements.clear(requests.pending('P').flatMap(({ statement }) => statement ?? []))
  else if (tag === 'DEALLOCATE') {
    const [, quoted, bare] =
      /^\s*deallocate\s+(?:prepare\s+)?(?:"((?:[^"]|"")+)"|([^\s;"]+))/i.exec(sql) ?? []
    statements.drop(quoted?.replaceAll('""', '"') ?? bare?.toLowerCase() ?? '')
  }
}

/** Outside of a transaction no portal lives on; those are over that came before this answer. */
function closePortals({ portals, audit, person }: Relay, sync: Request | undefined) {
  for (const [name, { cycle, question }] of portals) {
    if (sync && cycle >= sync.cycle) continue
    portals.delete(name)
    if (question.rows > 0) tell(audit, person, question, 'done')
  }
}

function failed(relay: Relay, whole: Buffer, answered: Request | undefined): Buffer {
  const { audit, person, requests } = relay
  const fields = readFields(whole)
  const sqlState = fields.get(code) ?? 'XX000'
  const asked = answered?.portal?.question ?? answered?.question
  const isCancelled = sqlState === '57014' && relay.isCancelled
  if (asked) tell(audit, person, asked, isCancelled ? 'cancelled' : 'failed', sqlState)
  if (fields.get(severity) === 'ERROR') requests.fail()
  else relay.hadLastWord = true
  // The statement that was sent instead is no number; any other error is the warehouse's own.
  if (answered?.refusal && sqlState === '22P02') return errorMessage(answered.refusal)
  return tellable('E', fields, { withPosition: answered?.isVerbatim ?? false })
}

/** The client sees itself as the user of the session, not the role that reads for it. */
function statusChanged({ person }: Relay, pair: string): Buffer | typeof asItIs {
  const [name = '', value = ''] = pair.split('\0')
  if (name === 'application_name') person.application = value
  return name === 'session_authorization' ? parameterStatus(name, person.user) : asItIs
}
