import type { Cube, CubeOptions } from '#cube/server/start-cube.ts'

/** Starts Cube in this process. Its packages are many: they are loaded only now. */
export async function openCube(options: CubeOptions): Promise<Cube & AsyncDisposable> {
  const { startCube } = await import('#cube/server/start-cube.ts')
  try {
    const cube = await startCube(options)
    return { ...cube, [Symbol.asyncDispose]: () => cube.close() }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new Error(
      `Port ${options.port} is taken by another program, so Cube cannot listen there. ` +
        'Name another with --port, or leave it out and Recoup finds a free one.',
      { cause: error },
    )
  }
}
