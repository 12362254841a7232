import { createRequire } from 'node:module'

/** Loads a module that Cube brought along: a package of its own, or a file inside one. */
export const fromCube = createRequire(
  createRequire(import.meta.url).resolve('@cubejs-backend/server-core'),
)
