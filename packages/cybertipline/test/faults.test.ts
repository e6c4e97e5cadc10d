import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { createClient } from "../src/index.ts"
import { type Fault, type FaultKind, startSimulator } from "../src/simulator/index.ts"
import { NOW, smallReport } from "./support/documents.ts"
import { startRawServer } from "./support/raw-server.ts"

const credentials = { username: "provider", password: "canary-password" }
const CONTENT = Buffer.from("a generated shape")
const MD5 = createHash("md5").update(CONTENT).digest("hex")

/** Long enough for any machine, unless a test waits for the end of it. */
const PATIENT_MS = 30_000
const answerMsFor = (kind: FaultKind["kind"]) => (kind.startsWith("timeout") ? 300 : PATIENT_MS)

async function open(faults: readonly Fault[] = [], answerMs = PATIENT_MS) {
  const simulator = await startSimulator({ credentials, clock: () => NOW, faults })
  const client = createClient({
    credentials,
    baseUrl: simulator.baseUrl,
    clock: () => NOW,
    timeouts: { answerMs },
  })
  return {
    simulator,
    client,
    async [Symbol.asyncDispose]() {
      await client.close()
      await simulator.close()
    },
  }
}

async function* content() {
  yield CONTENT
}

const elsewhere = "http://127.0.0.1:9/"

describe("a submission that is struck by", () => {
  it.each<[FaultKind, object, number]>([
    [{ kind: "timeout-before" }, { kind: "unanswered", reason: "timed_out" }, 0],
    [{ kind: "timeout-after-commit" }, { kind: "unanswered", reason: "timed_out" }, 1],
    [{ kind: "drop-before" }, { kind: "unanswered", reason: "connection_lost" }, 0],
    [{ kind: "drop-after-commit" }, { kind: "unanswered", reason: "connection_lost" }, 1],
    [{ kind: "code", code: 1000 }, { kind: "rejected", class: "retryable", responseCode: 1000, httpStatus: 200 }, 0],
    [{ kind: "code", code: 3100, httpStatus: 403 }, { kind: "rejected", class: "auth", responseCode: 3100 }, 0],
    [{ kind: "code", code: 4100, httpStatus: 400 }, { kind: "rejected", class: "terminal", responseCode: 4100 }, 0],
    [{ kind: "code", code: 7777 }, { kind: "rejected", class: "terminal", responseCode: 7777 }, 0],
    [{ kind: "http-status", httpStatus: 503 }, { kind: "unanswered", reason: "http_status", httpStatus: 503 }, 0],
    [{ kind: "http-status", httpStatus: 404 }, { kind: "rejected", class: "terminal", httpStatus: 404 }, 0],
    [{ kind: "http-status", httpStatus: 429 }, { kind: "rejected", class: "retryable", httpStatus: 429 }, 0],
    [{ kind: "http-status", httpStatus: 200 }, { kind: "unanswered", reason: "malformed", httpStatus: 200 }, 0],
    [{ kind: "slow", delayMs: 20 }, { kind: "accepted" }, 1],
    [{ kind: "redirect", location: elsewhere }, { kind: "unanswered", reason: "redirected", httpStatus: 302 }, 0],
    [{ kind: "doctype" }, { kind: "unanswered", reason: "doctype" }, 1],
    [{ kind: "endless-body" }, { kind: "unanswered", reason: "too_large" }, 1],
    [{ kind: "code0-http500" }, { kind: "unanswered", reason: "contradictory", httpStatus: 500 }, 1],
    [{ kind: "malformed-xml" }, { kind: "unanswered", reason: "malformed" }, 1],
  ])("%j ends in an outcome that says so", async (kind, outcome, reports) => {
    await using world = await open([{ ...kind, on: "/submit" }], answerMsFor(kind.kind))
    const ended = await world.client.submit(smallReport)
    expect(ended).toMatchObject(outcome)
    await expect.poll(() => world.simulator.state().reports.length).toBe(reports)
    expect(JSON.stringify(ended)).not.toContain(credentials.password)
    const gotHeaders = ended.kind !== "unsent" && ended.kind !== "unanswered" ? true : "httpStatus" in ended
    const { requestId } = world.simulator.state().calls[0]!
    if (gotHeaders) expect(ended).toHaveProperty("requestId", requestId)
    else expect(ended).not.toHaveProperty("requestId")
  })
})

describe("an upload", () => {
  it("whose digest differs from that of the sent bytes is corrupt", async () => {
    await using world = await open([{ kind: "wrong-md5", on: "/upload" }])
    const opened = await world.client.submit(smallReport)
    if (opened.kind !== "accepted") throw new Error(opened.kind)
    const { reportId } = opened
    const ended = await world.client.upload(reportId, { content })
    const { fileId } = world.simulator.state().reports[0]?.files[0] ?? {}
    expect(ended).toMatchObject({ kind: "corrupt", reportId, fileId, sentMd5: MD5, receivedMd5: "0".repeat(32) })
  })

  it("that is answered with a refusal is refused, however much of it was sent", async () => {
    await using world = await open([{ kind: "code", code: 1111, httpStatus: 500, on: "/upload" }])
    const ended = await world.client.upload("400000001", { content })
    expect(ended).toMatchObject({ kind: "rejected", class: "retryable", responseCode: 1111, httpStatus: 500 })
  })
})

describe("a lost /finish", () => {
  it.each([
    ["drop-after-commit", 5102, "finished"],
    ["timeout-after-commit", 5102, "finished"],
    ["drop-before", undefined, "retracted"],
    ["timeout-before", undefined, "retracted"],
  ] as const)("is cleared up by /retract: %s", async (kind, responseCode, state) => {
    await using world = await open([{ kind, on: "/finish" }])
    const opened = await world.client.submit(smallReport)
    if (opened.kind !== "accepted") throw new Error(opened.kind)
    const timeouts = { answerMs: answerMsFor(kind) }
    await using hurried = createClient({ credentials, baseUrl: world.simulator.baseUrl, timeouts })
    expect((await hurried.finish(opened.reportId)).kind).toBe("unanswered")
    const asked = await world.client.retract(opened.reportId)
    if (responseCode === undefined) expect(asked).toMatchObject({ kind: "accepted" })
    else expect(asked).toMatchObject({ kind: "rejected", class: "context", responseCode })
    expect(world.simulator.state().reports).toMatchObject([{ state }])
  })
})

it("every call has a connection of its own: a kept one may close just as a call leaves on it", async () => {
  await using server = await startRawServer((_, response) => response.end())
  await using client = createClient({ credentials, baseUrl: server.baseUrl })
  await client.status()
  await client.retract("1")
  expect(server.requests.map(({ headers }) => headers.connection)).toEqual(["close", "close"])
})

describe("credentials", () => {
  it("never follow a redirect, not even within the host", async () => {
    await using target = await startRawServer((_, response) => response.end())
    await using lure = await startRawServer((request, response) => {
      const location = request.url?.endsWith("/submit") === true ? `${target.baseUrl}/submit` : "/elsewhere"
      response.writeHead(307, { location }).end()
    })
    await using client = createClient({ credentials, baseUrl: lure.baseUrl, clock: () => NOW })
    expect(await client.submit(smallReport)).toMatchObject({ kind: "unanswered", reason: "redirected" })
    expect(await client.status()).toMatchObject({ kind: "unanswered", reason: "redirected" })
    expect(target.requests).toHaveLength(0)
    expect(lure.requests).toHaveLength(2)
  })
})

describe("an answer", () => {
  const answered = async (status: number, body: string, headers: Record<string, string> = {}) => {
    await using server = await startRawServer((_, response) => response.writeHead(status, headers).end(body))
    await using client = createClient({ credentials, baseUrl: server.baseUrl, clock: () => NOW })
    return client.retract("400000001")
  }
  const response = (members: string) => `<reportResponse>${members}</reportResponse>`
  const success = "<responseCode>0</responseCode><responseDescription/><reportId>400000001</reportId>"

  it.each([
    ["success", 200, response(success), { kind: "accepted", reportId: "400000001" }],
    [
      "success with a prefix and unknown members",
      201,
      response(`${success}<x:new xmlns:x="urn:x">1</x:new>`),
      { kind: "accepted" },
    ],
    [
      "another report",
      200,
      response(success.replace("400000001", "400000002")),
      { kind: "unanswered", reason: "contradictory" },
    ],
    ["no report", 200, response("<responseCode>0</responseCode>"), { kind: "unanswered", reason: "contradictory" }],
    [
      "two codes",
      200,
      response(`${success}<responseCode>5102</responseCode>`),
      { kind: "unanswered", reason: "malformed" },
    ],
    [
      "a code of words",
      200,
      response("<responseCode>zero</responseCode>"),
      { kind: "unanswered", reason: "malformed" },
    ],
    ["an empty code", 200, response("<responseCode/>"), { kind: "unanswered", reason: "malformed" }],
    ["another root", 200, `<html>${success}</html>`, { kind: "unanswered", reason: "malformed" }],
    ["nothing", 200, "", { kind: "unanswered", reason: "malformed" }],
    ["nothing, refused", 401, "", { kind: "rejected", class: "auth", httpStatus: 401 }],
    ["a page, refused", 401, "<!DOCTYPE html><p>Log in</p>", { kind: "rejected", class: "auth", httpStatus: 401 }],
    [
      "an older refusal of credentials",
      401,
      response("<responseCode>1000</responseCode>"),
      { kind: "rejected", class: "auth", responseCode: 1000 },
    ],
    ["success of what was refused", 403, response(success), { kind: "rejected", class: "auth" }],
    ["success of a bad request", 400, response(success), { kind: "unanswered", reason: "contradictory" }],
    [
      "elements deeper than any of its own",
      200,
      response(success + "<a>".repeat(40) + "</a>".repeat(40)),
      { kind: "unanswered", reason: "malformed" },
    ],
    ["elements of some depth", 200, response(success + "<a>".repeat(20) + "</a>".repeat(20)), { kind: "accepted" }],
    [
      "the answer of another call",
      200,
      `<reportDoneResponse><responseCode>0</responseCode><reportId>400000001</reportId><files/></reportDoneResponse>`,
      { kind: "unanswered", reason: "contradictory" },
    ],
  ])("that holds %s is judged", async (_, status, body, outcome) => {
    expect(await answered(status, body)).toMatchObject(outcome)
  })

  it("keeps a Request-ID that looks like one, and no other", async () => {
    expect(await answered(200, response(success), { "request-id": "a-1" })).toHaveProperty("requestId", "a-1")
    expect(await answered(200, response(success), { "request-id": "a b" })).not.toHaveProperty("requestId")
    expect(await answered(200, response(success), { "request-id": "a".repeat(129) })).not.toHaveProperty("requestId")
  })

  it("has a description for operators, short and on one line", async () => {
    const refused = await answered(
      200,
      response(
        `<responseCode>4100</responseCode><responseDescription>a\n\u0085b${"c".repeat(600)}</responseDescription>`,
      ),
    )
    expect(refused).toHaveProperty("detailForOperators", `a b${"c".repeat(497)}`)
  })

  it("that never ends is given up", async () => {
    await using server = await startRawServer((_, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write(" "), 20)
      response.on("close", () => clearInterval(drip))
    })
    await using client = createClient({ credentials, baseUrl: server.baseUrl, timeouts: { answerMs: 1000 } })
    expect(await client.status()).toMatchObject({ kind: "unanswered", reason: "timed_out", httpStatus: 200 })
  })
})

describe("a call that was never sent", () => {
  it("says so when there is no connection", async () => {
    const closed = await startRawServer(() => undefined)
    await closed[Symbol.asyncDispose]()
    await using client = createClient({ credentials, baseUrl: closed.baseUrl, clock: () => NOW })
    expect(await client.submit(smallReport)).toEqual({ kind: "unsent", reason: "connection_failed" })
    expect(await client.upload("1", { content })).toEqual({ kind: "unsent", reason: "connection_failed" })
  })

  it("says so when it was given up before", async () => {
    await using world = await open()
    expect(await world.client.submit(smallReport, AbortSignal.abort())).toEqual({ kind: "unsent", reason: "aborted" })
    expect(world.simulator.state().calls).toEqual([])
  })
})

it("a call that is given up on its way may have taken effect", async () => {
  await using world = await open([{ kind: "timeout-after-commit", on: "/submit" }])
  const controller = new AbortController()
  const ended = world.client.submit(smallReport, controller.signal)
  await expect.poll(() => world.simulator.state().reports.length).toBe(1)
  controller.abort()
  expect(await ended).toEqual({ kind: "unanswered", reason: "aborted" })
})
