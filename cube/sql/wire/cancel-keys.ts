import { randomInt } from 'node:crypto'

/** What a client has to know to have its statement cancelled: ours, not the warehouse's. */
export interface CancelKey {
  process: number
  secret: number
}

export interface CancelKeys<Cancelled> {
  give(to: Cancelled): CancelKey
  find(key: CancelKey): Cancelled | undefined
  takeBack(key: CancelKey): void
}

export function createCancelKeys<Cancelled>(): CancelKeys<Cancelled> {
  const given = new Map<number, { secret: number; to: Cancelled }>()
  return {
    give(to) {
      let process = randomInt(1, 2 ** 31)
      while (given.has(process)) process = randomInt(1, 2 ** 31)
      const secret = randomInt(-(2 ** 31), 2 ** 31)
      given.set(process, { secret, to })
      return { process, secret }
    },
    find({ process, secret }) {
      const one = given.get(process)
      return one?.secret === secret ? one.to : undefined
    },
    takeBack: ({ process }) => given.delete(process),
  }
}
