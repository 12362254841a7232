/** Pulls a feed from a folder in a process of its own, for tests that kill it. */
import { folder } from '#kit/connect/folder.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { pull } from '#jobs/pull.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'

const [url, inbox, path] = process.argv.slice(2)
const { pool } = connect(url!)
const source = { ...rawPartner, from: folder({ path: path! }) }
const { signal } = new AbortController()
const onProgress = () => console.log('on its way')
await pull(pool, { inbox: inbox! }, source, { signal, onProgress })
process.exit()
