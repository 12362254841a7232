/**
 * Sets the switches that Cube reads from the environment, some of them while its modules load.
 * So this runs before the first of them is required, and nothing else in Recoup sets one.
 */
export function setCubeEnvironment({ maxRows, standIn }: { maxRows: number; standIn: boolean }) {
  Object.assign(process.env, {
    // Anything but production turns the playground, GraphiQL and requests without a token on.
    NODE_ENV: 'production',
    CUBEJS_DEV_MODE: 'false',
    CUBEJS_TELEMETRY: 'false',
    CUBEJS_DB_TYPE: 'postgres',
    CUBEJS_CACHE_AND_QUEUE_DRIVER: 'memory',

    // This process answers queries and builds the rollups they miss; nothing wakes up to refresh
    // what nobody asked for.
    CUBEJS_REFRESH_WORKER: 'false',
    CUBEJS_PRE_AGGREGATIONS_BUILDER: 'true',
    CUBEJS_EXTERNAL_DEFAULT: 'false',
    // "Every second" is then told from the clock rather than asked of the database.
    CUBEJS_REFRESH_KEY_LOCAL_TIME: 'true',

    // One row more than may be answered: its arrival is how a cut-off answer is noticed.
    CUBEJS_DB_QUERY_LIMIT: String(maxRows + 1),
    CUBEJS_DB_QUERY_DEFAULT_LIMIT: String(maxRows + 1),

    // The stand-in plans in JavaScript only, and transpiles here, where Cube's JavaScript would
    // start worker threads that load all of Cube once more.
    ...(standIn && {
      CUBEJS_TESSERACT_SQL_PLANNER: 'false',
      CUBEJS_TRANSPILATION_NATIVE: 'true',
    }),
  })
}
