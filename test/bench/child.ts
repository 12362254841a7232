import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A server in a process of its own, so that it has a core of its own. */
export interface ServerProcess extends AsyncDisposable {
  port: number
  /** In MiB, after garbage was collected. */
  memory(): Promise<number>
}

/** Starts a program that tells its port on a line, and its memory for each line that it is sent. */
export async function startProcess(program: string, ...args: string[]): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--expose-gc', program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const nextLine = async () => Number((await lines.next()).value)
  return {
    port: await nextLine(),
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

/** The other side: tells the port, then the memory for each line, until there are no more. */
export async function serveParent(port: number): Promise<void> {
  console.log(port)
  for await (const _ of createInterface(process.stdin)) {
    // Garbage that was not collected yet is no leak.
    globalThis.gc?.()
    console.log(process.memoryUsage().rss)
  }
}
