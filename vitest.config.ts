import { fileURLToPath } from "node:url"
import { configDefaults, defineConfig } from "vitest/config"
import { LONG_ONLY, projectsOf } from "./tests/support/projects.ts"

const conditions = ["@nightlight/source"]

const isLong = process.env["NIGHTLIGHT_LONG"] === "1"

/** What an import of a workspace package means: its sources. */
const sources = { resolve: { conditions }, ssr: { resolve: { conditions } } }
const exclude = [...configDefaults.exclude, ...(isLong ? [] : LONG_ONLY)]
/** The decoder's children run as one file each, which `bundle-children.mjs` makes of their sources. */
const bundledChildren = "@nightlight/bundled-children"
const globalSetup = "./tests/support/bundle-children.mjs"
const execArgv = ["-C", "@nightlight/source", "-C", bundledChildren]
const { unit, components, system, alone } = projectsOf()

/** A test has twenty seconds unless it names more. Hooks start databases, guards and browsers, so they have longer. */
const patience = { testTimeout: 20_000, hookTimeout: 180_000, expect: { poll: { timeout: 15_000 } } }

export default defineConfig({
  ...sources,
  test: {
    reporters: ["default", "./tests/support/count-reporter.ts"],
    // Processes that tests start read most sources from here, without their types.
    env: {
      NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/node", import.meta.url)),
      NODE_OPTIONS: `--conditions=${bundledChildren}`,
    },
    // Tests start real child processes, and wait for them: three at once keep two cores busy.
    maxWorkers: 3,
    // Node reads sources by itself, as in the processes that tests start: nothing is transformed first.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    globalSetup,
    projects: [
      {
        ...sources,
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
        ...sources,
        test: { name: "system", include: [...system], exclude, execArgv, isolate: false, ...patience },
      },
      {
        ...sources,
        test: {
          // A document of the process's own: each file has one, so no worker is shared.
          name: "components",
          experimental: { viteModuleRunner: true },
          include: [...components],
          exclude,
          execArgv,
          environment: "happy-dom",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...sources,
        test: {
          name: "system-alone",
          include: [...alone],
          exclude,
          execArgv,
          // One folder for the run; the demonstration in it is made when a test of the console asks for it.
          globalSetup: ["./tests/browser/support/template.ts"],
          ...patience,
        },
      },
    ],
  },
})
