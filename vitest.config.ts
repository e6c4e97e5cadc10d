import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const conditions = ["@nightlight/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "tests/**/*.test.ts"],
    // One folder for the run; the demonstration in it is made when a test of the console asks for it.
    globalSetup: ["./tests/browser/support/template.ts"],
    // What happens soon on an idle machine happens later on a busy one.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    // Tests start real child processes, and wait for them: three at once keep two cores busy.
    maxWorkers: 3,
    execArgv: ["-C", "@nightlight/source"],
    // Processes that tests start read most sources from here, without their types.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/node", import.meta.url)) },
    reporters: ["default", "./tests/support/count-reporter.ts"],
  },
})
