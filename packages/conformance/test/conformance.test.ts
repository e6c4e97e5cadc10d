import { spawn } from "node:child_process"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { MINUTE_MS } from "@nightlight/core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { CONFORMANCE_CASES } from "../src/cases/all.ts"
import {
  answerOfCase,
  type CaseOutcome,
  CONFORMANCE_MARKER,
  type ConformanceOptions,
  type ConformanceReport,
  isSoundReport,
  type MockUpstream,
  renderConformancePage,
  runConformance,
  startMockUpstream,
} from "../src/index.ts"
import { toCurl } from "../src/report/curl.ts"
import { FAILS } from "./support/leaky/fails.ts"
import { startLeakyGateway } from "./support/leaky/gateway.ts"
import { STREAMS_FAIL, SWITCHES, type Switch, TELLS_ITS_LIST } from "./support/leaky/switches.ts"

let upstream: MockUpstream
beforeAll(async () => {
  upstream = await startMockUpstream()
})
afterAll(() => upstream.close())

async function runAgainst(
  switches: readonly Switch[],
  options: Partial<ConformanceOptions> = {},
): Promise<ConformanceReport> {
  await using gateway = await startLeakyGateway(upstream.url, CONFORMANCE_MARKER, switches)
  return await runConformance({ target: gateway.url, upstream, timeoutMs: 10_000, ...options })
}

const SOUND: ReadonlySet<CaseOutcome> = new Set(["sound", "closed"])
const failuresOf = ({ cases }: ConformanceReport) =>
  cases.filter(({ outcome }) => !SOUND.has(outcome)).map(({ id, problems }) => `${id}: ${problems.join(", ")}`)

describe("a gateway without a hole", () => {
  let report: ConformanceReport
  beforeAll(async () => {
    report = await runAgainst([])
  })

  it("is sound in each of at least 400 cases, and none is untested", () => {
    expect(failuresOf(report)).toEqual([])
    expect(report.cases.length).toBeGreaterThanOrEqual(400)
    expect(report.sound).toBe(report.cases.length)
    expect(report.findings).toEqual([])
    expect(isSoundReport(report)).toBe(true)
    expect(new Set(report.cases.map(({ id }) => id)).size).toBe(report.cases.length)
  })
})

describe("a gateway with one hole", () => {
  it("is one of at least 25 such gateways, each with the source that describes its hole", () => {
    expect(SWITCHES.length).toBeGreaterThanOrEqual(25)
    expect(SWITCHES.filter(({ cites }) => cites === "")).toEqual([])
  })

  it.each(SWITCHES.map((one) => [one.name, one] as const))(
    "fails the cases about its hole: %s",
    { timeout: 3 * MINUTE_MS },
    async (name, hole) => {
      const expected = FAILS[name] ?? []
      const report = await runAgainst([hole], { only: (id) => expected.includes(id) })
      expect(expected).not.toEqual([])
      const failed = report.cases.filter(({ outcome }) => !SOUND.has(outcome)).map(({ id }) => id)
      expect(failed.toSorted()).toEqual(expected.toSorted())
      expect(isSoundReport(report)).toBe(false)
    },
  )
})

describe("a gateway whose streams all fail", () => {
  let report: ConformanceReport
  beforeAll(async () => {
    report = await runAgainst([STREAMS_FAIL], {
      only: (id) => /^(?:chat|responses)\.output\.(?:text|refusal)/.test(id),
    })
  })

  it("has no sound case in its streams, which are counted separately as broken", () => {
    const streamed = report.cases.filter(({ stream }) => stream)
    expect(streamed.length).toBeGreaterThan(30)
    expect(new Set(streamed.map(({ outcome }) => outcome))).toEqual(new Set(["broken"]))
    expect(report).toMatchObject({ broken: streamed.length, leaked: 0, stoppedOtherwise: 0 })
    expect(report.sound).toBe(report.cases.length - streamed.length)
  })

  it("is not sound, and the report names the broken families", () => {
    expect(isSoundReport(report)).toBe(false)
    expect(report.brokenFamilies.toSorted()).toEqual(["chat, streamed", "responses, streamed"])
    expect(renderConformancePage(report)).toContain("Harmless traffic of chat, streamed does not work")
  })

  it("still shows its leaks in answers that are not streamed", async () => {
    const open = SWITCHES.filter(({ name }) => name === "system-text-unread")
    const { cases } = await runAgainst([STREAMS_FAIL, ...open], { only: (id) => id === "chat.input.system-text" })
    expect(cases.at(-1)).toMatchObject({ id: "chat.input.system-text", outcome: "leaked" })
  })
})

describe("a gateway that puts its own list into every answer", () => {
  const only = (id: string) =>
    /^chat\.(?:input\.(?:user-text|picture|tool-name)|output\.text|output\.tool-name)$/.test(id)

  it("does not leak by this: the list is one finding, and no case counts it", async () => {
    const report = await runAgainst([TELLS_ITS_LIST], { only })
    expect(report).toMatchObject({ leaked: 0, stoppedOtherwise: 0, sound: report.cases.length })
    expect(report.findings.map(({ kind, problem }) => ({ kind, problem }))).toEqual([
      { kind: "own", problem: "marker_disclosed" },
    ])
    expect(isSoundReport(report)).toBe(false)
  })

  it("still leaks a phrase that it lets through outside of its list, also a phrase that is the whole text", async () => {
    const open = SWITCHES.filter(({ name }) => name === "called-names-unread" || name === "refusal-quotes")
    const { cases } = await runAgainst([TELLS_ITS_LIST, ...open], { only })
    const ended = Object.fromEntries(cases.map(({ id, outcome, problems }) => [id, `${outcome}: ${problems.join()}`]))
    expect(ended).toMatchObject({
      "chat.output.tool-name": expect.stringMatching(/^leaked: .*reached_client/),
      "chat.input.user-text": expect.stringMatching(/^stopped_otherwise: .*echoed/),
    })
  })
})

describe("the report", () => {
  const named = (name: string) => SWITCHES.filter((one) => one.name === name)

  it("counts a refusal in another shape as stopped another way, not as a leak", async () => {
    const only = (id: string) => id === "chat.input.user-text"
    const report = await runAgainst(named("blocked-as-446"), { only })
    expect(report).toMatchObject({ leaked: 0, stoppedOtherwise: 1, broken: 0 })
  })

  it("accepts a status as a block if the caller declares it, and names it", async () => {
    const only = (id: string) => id === "chat.input.user-text"
    const report = await runAgainst(named("blocked-as-446"), { only, blocksWith: [403, 446] })
    expect(report).toMatchObject({ stoppedOtherwise: 0, sound: report.cases.length, blocksWith: [403, 446] })
  })

  it("groups cases with one cause and gives a command that reproduces it", async () => {
    const only = (id: string) => /^(?:chat|responses)\.output\.(?:refusal|text)(?:\.stream)?$/.test(id)
    const report = await runAgainst(named("refusals-unread"), { only })
    expect(report.leaked).toBe(3)
    expect(report.findings).toHaveLength(1)
    const [finding] = report.findings
    expect(finding).toMatchObject({ kind: "leak", problem: "reached_client", cause: "output: refusal" })
    expect(finding?.reproduction.request).toMatch(/^curl .*chat\/completions'$/)
    expect(finding?.reproduction.upstream).toContain("--answer 'chat.output.refusal'")
  })

  it("writes commands by which a shell sends the same requests, including bodies with bytes and quotes", async () => {
    const bodies: (object | Uint8Array)[] = [
      { a: "it's $HOME `x` \\" },
      Buffer.from([0, 255, 10]),
      { a: "x".repeat(200_000) },
    ]
    const seen: Buffer[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        seen.push(Buffer.concat(chunks))
        response.end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const target = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`)
    for (const body of bodies) {
      await runShell(toCurl({ path: "/chat/completions", body }, { target, hasKey: false, headerNames: [] }))
    }
    server.close()
    server.closeAllConnections()
    expect(seen).toEqual(bodies.map((body) => (body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)))))
  })

  it("names the suite and the target, as far as that says who it is", async () => {
    const report = await runAgainst([], { only: (id) => id === "chat.input.user-text" })
    expect(report.suite.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(report.suite.cases).toBe(CONFORMANCE_CASES.length)
    expect(report.target.url).toMatch(/^http:/)
  })

  it("refuses to run no case", async () => {
    await expect(runAgainst([], { only: () => false })).rejects.toThrow("no case has an id like this")
  })
})

/** Runs a command that comes by standard input, as one that is pasted. */
async function runShell(command: string): Promise<void> {
  const shell = spawn("sh", ["-s"], { stdio: ["pipe", "ignore", "ignore"] })
  shell.stdin.end(`${command}\n`)
  await new Promise((resolve) => shell.once("close", resolve))
}

it("has an answer of the mock for every case", async () => {
  for (const { id } of CONFORMANCE_CASES) {
    expect(await answerOfCase(id, CONFORMANCE_MARKER, "http://127.0.0.1:9/v1"), id).toBeTypeOf("function")
  }
  expect(await answerOfCase("chat.input.none", CONFORMANCE_MARKER, "http://127.0.0.1:9/v1")).toBeUndefined()
})
