/** A line with the lines below it. */
export interface Tree {
  line: string
  below: readonly Tree[]
}

/** A tree as lines, each branch drawn from its parent. */
export function drawn({ line, below }: Tree): string {
  const branches = below.map((tree, index) => {
    const [first = '', ...rest] = drawn(tree).split('\n')
    const isLast = index === below.length - 1
    const [fork, beam] = isLast ? ['└─ ', '   '] : ['├─ ', '│  ']
    return [`${fork}${first}`, ...rest.map((each) => `${beam}${each}`)].join('\n')
  })
  return [line, ...branches].join('\n')
}
