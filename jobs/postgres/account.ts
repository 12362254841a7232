import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The account that runs Postgres when Recoup itself runs as root. */
export interface Account {
  name: string
  uid: number
  gid: number
}

/** A command line that runs a program as the right account. */
export interface Launch {
  command: string
  args: string[]
  as: { uid?: number; gid?: number }
}

/** Postgres refuses to run as root, so root lends it to `postgres`, or else to `nobody`. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const found =
    accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody')
  if (!found)
    throw new Error(
      'Postgres does not run as root, and this machine has neither a user "postgres" nor "nobody". ' +
        'Make one (useradd postgres), or run Recoup as a user that is not root.',
    )
  const [name, , uid, gid] = found
  return { name: String(name), uid: Number(uid), gid: Number(gid) }
}

/** Starts a program as the account, which must be able to enter `folders`. */
export function launchAs(
  account: Account | undefined,
  program: string,
  args: string[],
  folders: string[],
): Launch {
  if (!account) return { command: program, args, as: {} }
  const { uid, gid } = account
  if (folders.every((folder) => canEnter(account, folder)))
    return { command: program, args, as: { uid, gid } }

  // A clone in /root or under `mktemp -d` is closed to every other account. The account then gets
  // the one right it lacks, to pass through closed folders; containers know it by the wider name.
  const right = ['dac_read_search', 'dac_override'].find((name) => canLend(account, name))
  if (!right)
    throw new Error(
      `Postgres does not run as root, and user "${account.name}" cannot enter ${folders.join(' or ')}. ` +
        'Open the folders above it (chmod o+x), clone elsewhere, or run as a user that is not root.',
    )
  return { command: 'setpriv', args: [...lending(account, right), program, ...args], as: {} }
}

function canEnter({ uid, gid }: Account, folder: string): boolean {
  return spawnSync('test', ['-x', folder], { uid, gid, cwd: '/' }).status === 0
}

function canLend(account: Account, right: string): boolean {
  return spawnSync('setpriv', [...lending(account, right), 'true']).status === 0
}

/** Arguments of setpriv: become the account, with one right of root's and no other. */
function lending({ uid, gid }: Account, right: string): string[] {
  const become = ['--reuid', `${uid}`, '--regid', `${gid}`, '--clear-groups']
  const keep = ['--inh-caps', `-all,+${right}`, '--ambient-caps', `+${right}`]
  // Else access(), with which Postgres looks at its own program, would leave the right out.
  return [...become, ...keep, '--securebits', '+no_setuid_fixup']
}
