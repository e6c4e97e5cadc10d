import { fileURLToPath } from "node:url"
import { configDefaults, defineConfig } from "vitest/config"
import { projectsOf } from "./tests/support/projects.ts"

const conditions = ["@nightlight/source"]

/**
 * What takes minutes and runs in `npm run verify:long` alone, so that `npm run verify` ends within its time: pages of the
 * console beyond signing in, joining, passkeys and reports; the demonstration; backup and restore by command; soaks; kills
 * beyond a few.
 */
const LONG_ONLY = [
  "tests/browser/{administration,cases,evidence,looking,oidc,policies,screens,sharing}.test.ts",
  "tests/e2e/planted-dataset.test.ts",
  "packages/cli/test/{backup,checkpoints,up-demo,up-users}.test.ts",
  "packages/dataset/test/scan-crash.test.ts",
  "packages/launcher/test/backup/kill.test.ts",
  "packages/guard/test/{soak,incidents/kill}.test.ts",
]
const isLong = process.env["NIGHTLIGHT_LONG"] === "1"

/** Of all projects. */
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
}
const { unit, components, system } = projectsOf()
const exclude = [...configDefaults.exclude, ...(isLong ? [] : LONG_ONLY)]
const execArgv = ["-C", "@nightlight/source"]

export default defineConfig({
  ...shared,
  test: {
    reporters: ["default", "./tests/support/count-reporter.ts"],
    // Processes that tests start read most sources from here, without their types.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/node", import.meta.url)) },
    // Tests start real child processes, and wait for them: three at once keep two cores busy.
    maxWorkers: 3,
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          include: [...unit],
          exclude,
          execArgv,
          isolate: false,
          setupFiles: ["./tests/support/no-processes.ts"],
          testTimeout: 20_000,
          hookTimeout: 20_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        ...shared,
        test: {
          // A document of the process's own: each file has one, so no worker is shared.
          name: "components",
          include: [...components],
          exclude,
          execArgv,
          environment: "happy-dom",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "system",
          include: [...system],
          exclude,
          execArgv,
          // One folder for the run; the demonstration in it is made when a test of the console asks for it.
          globalSetup: ["./tests/browser/support/template.ts"],
          // What happens soon on an idle machine happens later on a busy one.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
    ],
  },
})
