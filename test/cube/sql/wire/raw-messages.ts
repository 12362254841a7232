import { cString, int16, int32, message } from '#cube/sql/wire/messages.ts'

/** Messages of a client, by what they do. */
export const send = {
  query: (sql: string) => message('Q', cString(sql)),
  parse: (name: string, sql: string) => message('P', cString(name), cString(sql), int16(0)),
  bind: (portal: string, name: string) =>
    message('B', cString(portal), cString(name), int16(0), int16(0), int16(0)),
  describe: (name: string) => message('D', 'S', cString(name)),
  execute: (portal: string, most = 0) => message('E', cString(portal), int32(most)),
  closeStatement: (name: string) => message('C', 'S', cString(name)),
  sync: message('S'),
  flush: message('H'),
  terminate: message('X'),
}

/** A start-up packet. */
export function startUp(parameters: Record<string, string>, version = 196_608): Buffer {
  const words = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`)
  const content = Buffer.from(`${words.join('')}\0`)
  return Buffer.concat([int32(content.length + 8, version), content])
}
