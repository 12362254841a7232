/** Goes on when whoever reads what is printed has seen enough, as head does. */
export function survivePipes() {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
