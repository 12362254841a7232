import { type Command, Option } from 'commander'

import { GROUPS } from '#cube/access/groups.ts'

import type { AuditOptions } from '../commands/audit.ts'
import type { AddOptions, PasswordOptions } from '../commands/users.ts'
import type { Format } from '../terminal/formats.ts'
import { examples, formatOption, wholeNumber } from '../terminal/options.ts'

const groups = GROUPS.join(', ')

/** Who may connect with a BI tool: users list, add, rotate, revoke, apply, verifier. */
export function userCommands(recoup: Command) {
  const users = recoup
    .command('users')
    .summary('who may connect with a BI tool, and what each sees')
    .description(
      'Who may connect with a BI tool, and what each sees. Without a word behind it: list.\n' +
        'Groups and marketplaces: docs/access.md',
    )
    .addHelpText(
      'after',
      examples('npx recoup users', 'npx recoup users add anna --group finance --marketplace all'),
    )

  users
    .command('list', { isDefault: true })
    .summary('every user, its groups and marketplaces')
    .description('Every user, its groups and marketplaces, and whether it is revoked.')
    .addOption(formatOption(['table', 'json']))
    .addHelpText('after', examples('npx recoup users', 'npx recoup users --format json'))
    .action(async (options: { format: Format }) => {
      const { listAllUsers } = await import('../commands/users.ts')
      await listAllUsers(options)
    })

  withPassword(users.command('add'))
    .summary('a new user; prints the password once')
    .description('A new user. Its password is printed once and kept nowhere, only what proves it.')
    .argument('<name>', 'small letters, digits, _ . @ -')
    .requiredOption('--group <group>', `one of ${groups}; may be given again`, collect)
    .requiredOption('--marketplace <code>', 'such as DE, or all; may be given again', collect)
    .addHelpText(
      'after',
      examples(
        'npx recoup users add anna --group finance --marketplace DE --marketplace FR',
        'npx recoup users add tableau --group viewer --marketplace all --password-stdin < password',
      ),
    )
    .action(async (name: string, options: AddOptions) => {
      const { addOneUser } = await import('../commands/users.ts')
      await addOneUser(name, options)
    })

  withPassword(users.command('rotate'))
    .summary('another password for a user')
    .description('Another password for a user; the one before is good no longer.')
    .argument('<name>', 'a user')
    .addHelpText('after', examples('npx recoup users rotate anna'))
    .action(async (name: string, options: PasswordOptions) => {
      const { rotateOneUser } = await import('../commands/users.ts')
      await rotateOneUser(name, options)
    })

  users
    .command('revoke')
    .summary('let a user connect no more')
    .description('Lets a user connect no more. Its tokens for the API last until their hours end.')
    .argument('<name>', 'a user')
    .addHelpText('after', examples('npx recoup users revoke anna'))
    .action(async (name: string) => {
      const { revokeOneUser } = await import('../commands/users.ts')
      await revokeOneUser(name)
    })

  users
    .command('apply')
    .summary('users as a file lists them')
    .description(
      'Makes users what a JSON file says: a list of {name, groups, marketplaces, verifier}, where\n' +
        'marketplaces is a list, or null for all. Who is not in it stays; who is revoked stays out.',
    )
    .argument('<file>', 'such as users.json')
    .option('--dry-run', 'only say what would change')
    .addOption(formatOption(['table', 'json']))
    .addHelpText('after', examples('npx recoup users apply users.json --dry-run'))
    .action(async (file: string, options: { dryRun?: boolean; format: Format }) => {
      const { applyUsersOf } = await import('../commands/users.ts')
      await applyUsersOf(file, options)
    })

  withPassword(users.command('verifier'))
    .summary('a verifier for such a file; needs no warehouse')
    .description('A password and its verifier, for the file of recoup users apply.')
    .addHelpText('after', examples('npx recoup users verifier'))
    .action(async (options: PasswordOptions) => {
      const { printVerifier } = await import('../commands/users.ts')
      await printVerifier(options)
    })
}

function withPassword(command: Command) {
  return command
    .option('--password-stdin', 'take the password from standard input, not a new one')
    .addOption(formatOption(['table', 'json']))
}

function collect(value: string, before: string[] = []) {
  return [...before, value]
}

/** What was asked of the SQL endpoint. */
export function auditCommand(recoup: Command) {
  const outcomes = ['done', 'failed', 'refused', 'cancelled', 'connected', 'rejected']
  recoup
    .command('audit')
    .summary('who asked what of the SQL endpoint')
    .description('Who asked what of the SQL endpoint, the newest first; kept for 90 days.')
    .option('--user <name>', 'of one user')
    .option('--since <time>', 'of so many hours, days or weeks: 12h, 1d, 2w')
    .addOption(new Option('--outcome <outcome>', 'of one outcome').choices(outcomes))
    .option('--limit <n>', 'at most so many', wholeNumber('--limit'), 50)
    .addOption(formatOption(['table', 'json']))
    .addHelpText(
      'after',
      examples('npx recoup audit --since 1d', 'npx recoup audit --user anna --outcome refused'),
    )
    .action(async (options: AuditOptions) => {
      const { audit } = await import('../commands/audit.ts')
      await audit(options)
    })
}
