import { PassThrough } from "node:stream"
import { afterEach, describe, expect, it, vi } from "vitest"
import { readStartOptions } from "../../src/app/process/start-line.ts"

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const
const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]))
afterEach(() => {
  vi.unstubAllEnvs()
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) {
      if (before.get(signal)?.includes(listener) !== true) process.off(signal, listener)
    }
  }
})

const database = { host: "/run/postgres", user: "nightlight_app", database: "nightlight" }

function supervised(line: object) {
  const input = new PassThrough()
  input.write(`${JSON.stringify(line)}\n`)
  return readStartOptions(["server.yaml", "--supervised"], input)
}

describe("a supervised process", () => {
  it("is told its database, its port and where the console lies in one line", async () => {
    expect(await supervised({ database, port: 8080, consoleDir: "/srv/console" })).toMatchObject({
      configPath: "server.yaml",
      database,
      port: 8080,
      consoleDir: "/srv/console",
      supervised: true,
    })
    expect(await supervised({ database })).toMatchObject({ consoleDir: undefined, port: undefined })
  })

  it.each([{}, { database, consoleDir: "" }, { database, unknown: 1 }])("does not start on %j", async (line) => {
    await expect(supervised(line)).rejects.toMatchObject({ code: "config_invalid" })
  })
})

describe("a process that nobody supervises", () => {
  it("takes its database from the environment, and the console's folder from its arguments", async () => {
    vi.stubEnv("DATABASE_URL", "postgresql:///nightlight?host=/run/postgres&user=nightlight_app")
    expect(await readStartOptions(["--console=/srv/console", "server.yaml"])).toMatchObject({
      configPath: "server.yaml",
      consoleDir: "/srv/console",
      supervised: false,
    })
    expect(await readStartOptions(["server.yaml"])).toMatchObject({ consoleDir: undefined })
  })
})
