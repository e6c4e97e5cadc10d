import { gzipSync } from "node:zlib"
import { compact } from "@nightlight/core"
import { makeCertificate } from "@nightlight/dev-env/simulators/certificate"
import { describe, expect, it } from "vitest"
import {
  createOperatorEgress,
  type EgressEntry,
  type OperatorEgress,
  type OperatorEgressOptions,
} from "../src/index.ts"
import { failure } from "./support/egress.ts"
import { rawServer, type TestServer, webServer } from "./support/servers.ts"

function entryOf({ endpoint }: TestServer, rest: Partial<EgressEntry> = {}): EgressEntry {
  const origin = `http://127.0.0.1:${endpoint.port}`
  return { origin, region: "eu-central", contractReference: "contract-1", timeoutMs: 30_000, maxBytes: 1000, ...rest }
}

function open(server: TestServer, rest?: Partial<EgressEntry>, options?: OperatorEgressOptions) {
  const egress = createOperatorEgress(entryOf(server, rest), options)
  return Object.assign(egress, { [Symbol.asyncDispose]: () => egress.close() }) satisfies OperatorEgress
}

const tenOClock = new Date("2026-12-03T10:00:00Z")
const authorization = { authorization: "Bearer canary" }

/** Echoes the request. */
const echo = () =>
  webServer((request, response) => {
    response.setHeader("content-type", "application/json")
    request.pipe(response)
  })

describe("the operator's service", () => {
  it("receives JSON or bytes with the caller's headers, over persistent connections", async () => {
    await using server = await echo()
    await using egress = open(server, {}, { connections: 1 })
    const answer = await egress.post("/v1/check?a=b", { json: { text: "ü" } }, { headers: authorization })
    expect(answer).toMatchObject({ status: 200, contentType: "application/json" })
    expect(JSON.parse(Buffer.from(answer.body).toString())).toEqual({ text: "ü" })
    const bytes = Uint8Array.from([0, 1, 255])
    expect((await egress.post("/", { bytes, contentType: "image/png" })).body).toEqual(bytes)
    expect(server.requests.map(({ url, method, headers }) => [url, method, headers["content-type"]])).toEqual([
      ["/v1/check?a=b", "POST", "application/json"],
      ["/", "POST", "image/png"],
    ])
    expect(server.requests[0]?.headers).toMatchObject({ ...authorization, "accept-encoding": "identity" })
    expect(server.requests[1]?.headers["authorization"]).toBeUndefined()
    expect(server.connections.length).toBe(1)
  })

  it("is asked without a body, or with one that is put in place", async () => {
    await using server = await echo()
    await using egress = open(server)
    expect((await egress.call({ method: "GET", path: "/a?b=c" }, { headers: authorization })).status).toBe(200)
    await egress.call({ method: "PUT", path: "/d", body: { json: 1 } })
    expect(server.requests.map(({ url, method, headers }) => [url, method, headers["content-type"]])).toEqual([
      ["/a?b=c", "GET", undefined],
      ["/d", "PUT", "application/json"],
    ])
    expect(server.requests[0]?.headers).toMatchObject({ ...authorization, "accept-encoding": "identity" })
  })

  it.each([
    ["Thu, 03 Dec 2026 10:00:00 GMT", "17", { date: tenOClock, retryAfterSeconds: 17 }],
    ["Thu, 03 Dec 2026 10:00:00 GMT", "Thu, 03 Dec 2026 10:01:30 GMT", { date: tenOClock, retryAfterSeconds: 90 }],
    ["Thu, 03 Dec 2026 10:00:00 GMT", "Thu, 03 Dec 2026 09:00:00 GMT", { date: tenOClock, retryAfterSeconds: 0 }],
    ["Thu, 03 Dec 2026 10:00:00 GMT", "9999999999", { date: tenOClock, retryAfterSeconds: 86_400 }],
    ["yesterday", "soon", {}],
    ["7", "-1", {}],
  ])("states its time and how long to wait: %s, %s", async (date, retryAfter, expected) => {
    await using server = await webServer((_, response) => {
      response.writeHead(429, { date, "retry-after": retryAfter }).end()
    })
    await using egress = open(server)
    const { date: stated, retryAfterSeconds } = await egress.call({ method: "GET", path: "/" })
    expect(compact({ date: stated, retryAfterSeconds })).toEqual(expected)
  })

  it("may answer with any status except a redirect, which is never followed with the credentials", async () => {
    await using other = await echo()
    await using server = await webServer((request, response) => {
      const status = Number(request.url?.slice(1))
      response.writeHead(status, { location: `http://127.0.0.1:${other.endpoint.port}/` }).end("x")
    })
    await using egress = open(server)
    for (const status of [200, 400, 401, 429, 500]) {
      expect((await egress.post(`/${status}`, { json: 1 }, { headers: authorization })).status).toBe(status)
    }
    for (const status of [301, 302, 303, 307, 308]) {
      const refused = await failure(egress.post(`/${status}`, { json: 1 }, { headers: authorization }))
      expect(refused).toMatchObject({ code: "answer_malformed", reason: "redirect" })
      expect(refused.told).not.toContain("canary")
    }
    expect(other.connections.length).toBe(0)
    expect(server.requests.length).toBe(10)
  })

  it("is not called with a path that leaves its origin or a header that changes the request", async () => {
    await using server = await echo()
    await using egress = open(server)
    for (const path of [
      "",
      "x",
      "//b.example/",
      "/\\b.example",
      "http://b.example/",
      "/a b",
      "/a\r\nx: y",
      "/ü",
      "/#a",
      "@b",
    ]) {
      expect(await failure(egress.post(path, { json: 1 }))).toMatchObject({ code: "input_invalid" })
    }
    const headers = [
      { host: "b" },
      { "Transfer-Encoding": "x" },
      { "proxy-authorization": "x" },
      { a: "b\r\nc: d" },
      { "a b": "c" },
    ]
    for (const given of headers) {
      const refused = egress.post("/", { json: 1 }, { headers: given as Record<string, string> })
      expect(await failure(refused)).toMatchObject({ code: "input_invalid" })
    }
    expect(await failure(egress.post("/", { json: { canary: 1n } }))).toMatchObject({ code: "input_invalid" })
    expect(await failure(egress.post("/", { json: undefined }))).toMatchObject({ code: "input_invalid" })
    expect(server.connections.length).toBe(0)
  })

  it("may not answer too much, encoded or too late, and the next call still works", async () => {
    await using server = await webServer((request, response) => {
      if (request.url === "/large") response.end(Buffer.alloc(1001))
      else if (request.url === "/endless") response.write(Buffer.alloc(100_000))
      else if (request.url === "/encoded") response.setHeader("content-encoding", "gzip").end(gzipSync("x"))
      else if (request.url === "/late") response.write("x")
      else response.end("fine")
    })
    await using egress = open(server, { timeoutMs: 1000 }, { connections: 1 })
    const codes = [
      ["/large", "too_large"],
      ["/endless", "too_large"],
      ["/encoded", "answer_malformed"],
      ["/late", "timed_out"],
    ] as const
    for (const [path, code] of codes) {
      expect(await failure(egress.post(path, { json: 1 }))).toMatchObject({ code })
      expect(Buffer.from((await egress.post("/", { json: 1 })).body).toString()).toBe("fine")
    }
  })

  it("is unavailable when it is gone, and the error does not reveal the request", async () => {
    const server = await rawServer(() => {})
    await server[Symbol.asyncDispose]()
    await using egress = open(server)
    const gone = await failure(egress.post("/canary", { json: "canary" }, { headers: authorization }))
    expect(gone).toMatchObject({ code: "unavailable" })
    expect(gone.told).not.toContain("canary")
  })

  it("is called only once when it breaks off", async () => {
    await using server = await rawServer((socket) => socket.destroy())
    await using egress = open(server)
    expect(await failure(egress.post("/", { json: 1 }))).toMatchObject({ code: "unavailable" })
    expect(server.connections.length).toBe(1)
  })

  it("is abandoned when the caller aborts or the client is closed", async () => {
    await using server = await rawServer(() => {})
    await using egress = open(server)
    const controller = new AbortController()
    const reason = new Error("enough")
    const [left, closed] = [egress.post("/", { json: 1 }, { signal: controller.signal }), egress.post("/", { json: 1 })]
    const ends = Promise.all([expect(left).rejects.toBe(reason), failure(closed)])
    await expect.poll(() => server.connections.length).toBe(2)
    controller.abort(reason)
    await egress.close()
    expect((await ends)[1]).toMatchObject({ code: "unavailable" })
    await expect.poll(() => server.connections.every(({ destroyed }) => destroyed)).toBe(true)
  })

  it("is verified by the operator's own certificate authority where one is given", async () => {
    const certificate = makeCertificate("localhost")
    await using server = await webServer((_, response) => response.end("x"), { certificate })
    const rest = { origin: `https://localhost:${server.endpoint.port}` }
    await using trusting = open(server, rest, { certificateAuthorities: [certificate.cert] })
    expect((await trusting.post("/", { json: 1 })).status).toBe(200)
    await using doubting = open(server, rest)
    expect(await failure(doubting.post("/", { json: 1 }))).toMatchObject({ code: "unavailable" })
    expect(server.requests.length).toBe(1)
  })

  it.each([
    { origin: "https://a.example/" },
    { origin: "https://a.example/v1" },
    { origin: "https://user:canary@a.example" },
    { origin: "https://A.example" },
    { origin: "https://a.example:443" },
    { origin: "ftp://a.example" },
    { origin: "a.example" },
    { region: " " },
    { contractReference: "" },
    { timeoutMs: 0 },
    { maxBytes: 1.5 },
  ])("is refused with %j", (wrong) => {
    const entry = {
      origin: "https://a.example",
      region: "eu",
      contractReference: "c",
      timeoutMs: 1,
      maxBytes: 1,
      ...wrong,
    }
    expect(() => createOperatorEgress(entry)).toThrow(expect.objectContaining({ code: "input_invalid" }))
    expect(() => createOperatorEgress(entry)).not.toThrow("canary")
  })
})
