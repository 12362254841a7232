/** Where a worker says what it does; pino's shape, and the console's. */
export interface Logger {
  debug: (about: object, message: string) => void
  info: (about: object, message: string) => void
  warn: (about: object, message: string) => void
  error: (about: object, message: string) => void
}

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
