import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** An endpoint that runs in another process, so that it has a core of its own. */
export async function startEndpoint(url: string) {
  const program = join(import.meta.dirname, 'wire.process.ts')
  const child = spawn(process.execPath, ['--expose-gc', program, url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const nextLine = async () => Number((await lines.next()).value)
  const port = await nextLine()
  return {
    port,
    url: `postgres://ada:ada@127.0.0.1:${port}/recoup`,
    /** In MiB. */
    async memory() {
      child.stdin.write('\n')
      return (await nextLine()) / 1024 ** 2
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.stdin.end()
      await ended
    },
  }
}
