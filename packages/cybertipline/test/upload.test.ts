import { createHash } from "node:crypto"
import { createConnection } from "node:net"
import fc from "fast-check"
import { Agent, type buildConnector } from "undici"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { compact } from "../src/compact.ts"
import { type CybertiplineClient, createClient, type UploadSource } from "../src/index.ts"
import { type Simulator, startSimulator } from "../src/simulator/index.ts"
import { NOW, smallReport } from "./support/documents.ts"
import { startRawServer } from "./support/raw-server.ts"

const credentials = { username: "provider", password: "password" }
const MIB = 1024 * 1024
let simulator: Simulator
let client: CybertiplineClient
let reportId: string

beforeEach(async () => {
  simulator = await startSimulator({ credentials, clock: () => NOW })
  client = createClient({ credentials, baseUrl: simulator.baseUrl, clock: () => NOW })
  const opened = await client.submit(smallReport)
  if (opened.kind !== "accepted") throw new Error(opened.kind)
  reportId = opened.reportId
})

afterEach(async () => {
  await client.close()
  await simulator.close()
})

async function* chunks(...parts: readonly Uint8Array[]) {
  yield* parts
}

const filesThere = () => simulator.state().reports[0]?.files ?? []

describe("upload", () => {
  it("carries any bytes in any pieces, boundaries and line ends among them", async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom("\r\n", "--", "\r\n--form-", "\r\n--form-\r\n\r\n", "").map((text) => Buffer.from(text)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.boolean(), async (pieces, isAnnounced) => {
        const whole = Buffer.concat(pieces)
        const md5 = createHash("md5").update(whole).digest("hex")
        const announced = compact({
          md5: isAnnounced ? md5.toUpperCase() : undefined,
          sizeBytes: isAnnounced ? whole.length : undefined,
        })
        const ended = await client.upload(reportId, { content: chunks(...pieces), ...announced })
        expect(ended).toMatchObject({ kind: "accepted", md5, sizeBytes: whole.length })
        const sha256 = createHash("sha256").update(whole).digest("hex")
        expect(filesThere().at(-1)).toMatchObject({ md5, sha256, sizeBytes: whole.length, fileName: "file" })
      }),
      { numRuns: 40 },
    )
  })

  it("takes from the content no faster than the service reads, and gives a stalled service up", async () => {
    await using deaf = await startRawServer(() => undefined)
    await using hurried = createClient({ credentials, baseUrl: deaf.baseUrl, timeouts: { answerMs: 200 } })
    let handedOut = 0
    async function* endless() {
      for (const piece = new Uint8Array(MIB); ; handedOut++) yield piece
    }
    expect(await hurried.upload(reportId, { content: endless })).toEqual({ kind: "unanswered", reason: "timed_out" })
    // The pieces that both sides' sockets hold, and a few more.
    expect(handedOut).toBeLessThan(40)
  })

  it("carries a file that is larger than what sockets hold", async () => {
    const piece = new Uint8Array(MIB)
    async function* large() {
      for (let n = 0; n < 100; n++) yield piece
    }
    const ended = await client.upload(reportId, { content: large, sizeBytes: 100 * MIB })
    expect(ended).toMatchObject({ kind: "accepted", sizeBytes: 100 * MIB })
  })

  it("believes no success that comes before the end of the file", async () => {
    const success = `<reportResponse><responseCode>0</responseCode><reportId>${reportId}</reportId><fileId>f</fileId></reportResponse>`
    await using hasty = await startRawServer((_, response) => response.end(success))
    await using other = createClient({ credentials, baseUrl: hasty.baseUrl })
    const rest = Promise.withResolvers<void>()
    async function* halting() {
      yield Buffer.from("half")
      await rest.promise
    }
    const ended = await other.upload(reportId, { content: halting })
    rest.resolve()
    expect(ended).toMatchObject({ kind: "unanswered", reason: "contradictory" })
  })

  it("gives the file a name that says nothing, unless it is told one", async () => {
    await client.upload(reportId, { content: chunks(), fileName: "evidence-1.bin" })
    expect(filesThere()).toMatchObject([{ fileName: "evidence-1.bin", sizeBytes: 0 }])
  })
})

describe("an upload is cut off before its end, and leaves nothing there,", () => {
  async function* failing() {
    yield Buffer.from("half")
    throw new Error("canary: the disk is gone")
  }

  async function* textual() {
    yield "text"
  }

  it.each<[string, UploadSource, string]>([
    ["when the content cannot be read", { content: failing }, "unreadable"],
    [
      "when it cannot even be opened",
      {
        content: () => {
          throw new Error("canary")
        },
      },
      "unreadable",
    ],
    ["when it is no bytes", { content: textual as unknown as () => AsyncIterable<Uint8Array> }, "unreadable"],
    ["when it is not what was announced", { content: () => chunks(Buffer.from("other")), md5: "0".repeat(32) }, "md5"],
    ["when it is longer than announced", { content: () => chunks(Buffer.from("abc")), sizeBytes: 2 }, "size"],
    ["when it is shorter than announced", { content: () => chunks(Buffer.from("a")), sizeBytes: 2 }, "size"],
    [
      "when it differs at the announced length",
      { content: () => chunks(Buffer.from("ab")), sizeBytes: 2, md5: "0".repeat(32) },
      "md5",
    ],
  ])("%s", async (_, source, reason) => {
    const ended = await client.upload(reportId, source)
    expect(ended).toEqual({ kind: "source_failed", reason })
    // The next call is served after the broken one was given up.
    expect(await client.finish(reportId)).toMatchObject({ kind: "accepted", fileIds: [] })
    expect(filesThere()).toEqual([])
  })

  it("when the caller gives it up", async () => {
    const controller = new AbortController()
    let isLetGo = false
    async function* endless() {
      try {
        for (;;) {
          yield Buffer.alloc(1024)
          controller.abort()
        }
      } finally {
        isLetGo = true
      }
    }
    const ended = await client.upload(reportId, { content: endless() }, controller.signal)
    expect(ended).toEqual({ kind: "unanswered", reason: "aborted" })
    await expect.poll(() => isLetGo).toBe(true)
    expect(filesThere()).toEqual([])
  })
})

describe("nothing is sent", () => {
  const callsThere = () => simulator.state().calls.filter(({ path }) => path !== "/submit")

  it.each<[string, UploadSource]>([
    ["an MD5 that is none", { content: chunks(), md5: "abc" }],
    ["half a byte", { content: chunks(), sizeBytes: 0.5 }],
    ["a name with a line end", { content: chunks(), fileName: 'a"\r\nb' }],
    ["a name with a path", { content: chunks(), fileName: "../a" }],
  ])("of a file with %s", async (_, source) => {
    await expect(client.upload(reportId, source)).rejects.toMatchObject({ code: "options_invalid" })
    expect(callsThere()).toEqual([])
  })

  it.each(["", "0", "-1", "1 OR 1", "1\r\n", "99999999999999999999"])("about a report called %j", async (id) => {
    const malformed = { code: "report_id_malformed" }
    await expect(client.upload(id, { content: chunks() })).rejects.toMatchObject(malformed)
    await expect(client.finish(id)).rejects.toMatchObject(malformed)
    await expect(client.retract(id)).rejects.toMatchObject(malformed)
    expect(callsThere()).toEqual([])
  })

  it("once the client is closed", async () => {
    await client.close()
    await expect(client.upload(reportId, { content: chunks() })).rejects.toMatchObject({ code: "client_closed" })
    await expect(client.finish(reportId)).rejects.toMatchObject({ code: "client_closed" })
    expect(callsThere()).toEqual([])
  })

  it("of a call that was given up while it waited for a connection", async () => {
    let connect = () => {}
    const hold: buildConnector.connector = (options, callback) => {
      connect = () => {
        const socket = createConnection({ host: options.hostname, port: Number(options.port) })
        socket.once("connect", () => callback(null, socket))
      }
    }
    const dispatcher = new Agent({ connect: hold })
    const patient = createClient({ credentials, baseUrl: simulator.baseUrl, dispatcher })
    const controller = new AbortController()
    const ended = patient.finish(reportId, controller.signal)
    controller.abort()
    expect(await ended).toEqual({ kind: "unsent", reason: "aborted" })
    connect()
    await dispatcher.close()
    expect(callsThere()).toEqual([])
    expect(simulator.state().reports[0]?.state).toBe("open")
  })
})
