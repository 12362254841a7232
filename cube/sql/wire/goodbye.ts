import type { Line } from './start-up.ts'

const patienceMs = 1000

/** Ends a connection so that a last word is still read by who is there to read it. */
export function sayGoodbye({ socket, stream }: Pick<Line, 'socket' | 'stream'>, word?: Buffer) {
  stream.removeAllListeners('data')
  // With something unread the system would reset the connection, and the word be lost.
  stream.resume()
  if (word) stream.end(word)
  else stream.end()
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  socket.once('close', () => clearTimeout(timer))
}
