import { defineConfig } from 'vitest/config'

// A forgotten time zone must fail at once, so neither the process nor the server (test/kit) is UTC.
process.env.TZ ??= 'America/St_Johns'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/kit/global.ts'],
    pool: 'forks',
    // Most tests wait for Postgres, which runs beside them; one worker would leave a core idle.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
