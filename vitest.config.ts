import { defineConfig } from "vitest/config"

const conditions = ["@nightlight/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests start real child processes: two at once keep a two-core machine honest.
    maxWorkers: 2,
    execArgv: ["-C", "@nightlight/source"],
    reporters: ["default", "./tests/support/count-reporter.ts"],
  },
})
