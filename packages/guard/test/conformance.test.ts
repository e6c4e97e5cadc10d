import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  CONFORMANCE_MARKER,
  type ConformanceReport,
  type MockUpstream,
  runConformance,
  startMockUpstream,
} from "../src/conformance/index.ts"
import { FAILS } from "./support/leaky/fails.ts"
import { startLeakyGateway } from "./support/leaky/gateway.ts"
import { SWITCHES, type Switch } from "./support/leaky/switches.ts"

const SOURCES = fileURLToPath(new URL("../src/conformance/", import.meta.url))

it("can be used without the rest of the package: it imports nothing else of it", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
  const imported = files.flatMap((name) =>
    [...readFileSync(join(SOURCES, name), "utf8").matchAll(/from "(\.[^"]+)"/g)].map(([, path = ""]) =>
      join(SOURCES, dirname(name), path),
    ),
  )
  expect(imported.length).toBeGreaterThan(files.length)
  expect(imported.filter((path) => !path.startsWith(SOURCES))).toEqual([])
})

let upstream: MockUpstream
beforeAll(async () => {
  upstream = await startMockUpstream()
})
afterAll(() => upstream.close())

async function runAgainst(switches: readonly Switch[], only?: (id: string) => boolean): Promise<ConformanceReport> {
  await using gateway = await startLeakyGateway(upstream.url, CONFORMANCE_MARKER, switches)
  return await runConformance({ target: gateway.url, upstream, timeoutMs: 10_000, ...(only !== undefined && { only }) })
}

const failuresOf = ({ cases }: ConformanceReport) =>
  cases.filter(({ outcome }) => outcome === "failed").map(({ id, problems }) => `${id}: ${problems.join(", ")}`)

describe("a gateway without a hole", () => {
  let report: ConformanceReport
  beforeAll(async () => {
    report = await runAgainst([])
  })

  it("passes every case, at least 80 of them, none untested", () => {
    expect(failuresOf(report)).toEqual([])
    expect(report.cases.length).toBeGreaterThanOrEqual(80)
    expect(report.passed).toBe(report.cases.length)
    expect(new Set(report.cases.map(({ id }) => id)).size).toBe(report.cases.length)
  })
})

describe("a gateway with one hole", () => {
  it("has at least 25 to choose from, each seen somewhere", () => {
    expect(SWITCHES.length).toBeGreaterThanOrEqual(25)
    expect(SWITCHES.filter(({ cites }) => !/^gateway\.md [45]/.test(cites))).toEqual([])
  })

  it.each(SWITCHES.map((one) => [one.name, one] as const))("fails what is about it: %s", async (name, hole) => {
    const expected = FAILS[name] ?? []
    const report = await runAgainst([hole], (id) => expected.includes(id))
    expect(expected).not.toEqual([])
    expect(report.cases.filter(({ outcome }) => outcome === "failed").map(({ id }) => id)).toEqual(
      report.cases.map(({ id }) => id),
    )
    expect(report.failed).toBe(expected.length)
  })
})
