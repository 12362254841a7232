/** How the embedded server runs; given on its command line, so a change needs no migration. */
export const serverSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',

  // No replica reads from this server.
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Sound because every truth is in this one database: a crash of the server can take back the last
  // half second of commits, but in order and as a whole, so what is left is a state that once was.
  synchronous_commit: 'off',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',

  shared_buffers: '256MB',
  work_mem: '64MB',
  maintenance_work_mem: '256MB',
  random_page_cost: '1.1',
  jit: 'off',

  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_duration_statement: '5s',
}
