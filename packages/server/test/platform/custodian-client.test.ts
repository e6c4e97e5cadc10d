import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type RequestListener, type Server } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, describe, expect, it } from "vitest"
import { openCustodianClient } from "../../src/platform/custodian/client.ts"

const home = await mkdtemp(join(tmpdir(), "nightlight-client-"))
const socket = join(home, "custodian.sock")
let server: Server | undefined
const client = openCustodianClient(socket)

afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
  server = undefined
  await rm(socket, { force: true })
})
afterAll(async () => {
  await client.close()
  await rm(home, { recursive: true, force: true })
})

/** A stand-in at the custodian's socket, which may lie. */
async function answering(listener: RequestListener): Promise<void> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(socket, resolve))
}

const answer = (status: number, body: string) =>
  answering((_, response) => response.writeHead(status, { "content-type": "application/json" }).end(body))
const state = {
  state: "locked",
  custody: "shared",
  environments: [],
  enrolled: 0,
  passkeys: { rpId: "localhost", origins: [], require: [] },
}

describe("the custodian's client", () => {
  it("reads what the custodian says", async () => {
    await answer(200, JSON.stringify(state))
    expect(await client.state()).toEqual(state)
  })

  it("says that nobody answers where there is no socket, and goes on when there is one again", async () => {
    await expect(client.state()).rejects.toMatchObject({ code: "unavailable", retryable: true })
    await answer(200, JSON.stringify(state))
    expect(await client.state()).toEqual(state)
  })

  it.each([
    ["locked", 409, { type: "state_conflict", reason: "locked", title: "canary" }, "unavailable", {}],
    ["a refusal", 403, { type: "forbidden", reason: "replayed", title: "canary" }, "forbidden", { reason: "replayed" }],
    [
      "a refusal without a reason of the list",
      403,
      { type: "forbidden", reason: "Canary 1" },
      "answer_malformed",
      { status: 403 },
    ],
    ["a code that it has not", 400, { type: "canary_code" }, "answer_malformed", { status: 400 }],
    ["a fault", 500, { type: "internal" }, "answer_malformed", { status: 500 }],
  ])("turns %s into the error to throw, without its words", async (_, status, body, code, details) => {
    await answer(status, JSON.stringify(body))
    const error = await client.state().catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code, details })
    expect(String(error)).not.toContain("anary")
  })

  it.each([
    ["no JSON", "canary"],
    ["another form", JSON.stringify({ ...state, state: "canary" })],
    ["more than was agreed", JSON.stringify({ ...state, canary: 1 })],
  ])("believes no answer that is %s", async (_, body) => {
    await answer(200, body)
    await expect(client.state()).rejects.toMatchObject({ code: "answer_malformed", retryable: true })
  })

  it("says that there is no answer when it is cut off", async () => {
    await answering((_, response) => {
      response.writeHead(200, { "content-length": "100" })
      response.write("{")
      setImmediate(() => response.destroy())
    })
    await expect(client.state()).rejects.toMatchObject({ code: "unavailable" })
  })

  it("ends an intake when the caller stops", async () => {
    const asked = Promise.withResolvers<void>()
    await answering(() => asked.resolve())
    const controller = new AbortController()
    const taking = client.intake(
      { evidence: { evidenceId: "evidence-1", ciphertextSha256: "0".repeat(64) }, findingId: "finding-1" },
      controller.signal,
    )
    await asked.promise
    controller.abort()
    await expect(taking).rejects.toMatchObject({ name: "AbortError" })
  })

  it("puts ids into paths so that they name nothing else", async () => {
    const paths: string[] = []
    await answering((request, response) => {
      paths.push(request.url ?? "")
      response.writeHead(404).end(JSON.stringify({ type: "not_found", reason: "unknown" }))
    })
    await expect(client.filing("../enrolments?x=/")).rejects.toMatchObject({ code: "not_found" })
    expect(paths).toEqual(["/v1/filings/..%2Fenrolments%3Fx%3D%2F"])
  })
})
