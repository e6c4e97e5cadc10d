import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { createIntakeClient, parseServerAddress } from "../src/client/index.ts"

async function listen(answer: RequestListener): Promise<URL> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

const clientOf = (server: URL, signal = new AbortController().signal) =>
  createIntakeClient({ server, key: "key", signal, hint: "Try again." })

describe("a server's address", () => {
  it("is an origin, by https, or by http on this machine", () => {
    for (const text of [
      "https://nightlight.example",
      "http://localhost:8080",
      "http://127.0.0.1:1",
      "http://[::1]:1",
    ]) {
      expect(parseServerAddress(text).origin).toBe(text)
    }
    const refused = [
      "nightlight.example",
      "ftp://a.example",
      "http://a.example",
      "https://a.example/x",
      "https://u@a.example",
    ]
    for (const text of refused) {
      expect(() => parseServerAddress(text)).toThrow(expect.objectContaining({ code: "input_invalid" }))
    }
  })
})

describe("a client of the intake", () => {
  it("sends its key only to its own address, and reports a redirect", async () => {
    let isAsked = false
    const elsewhere = await listen((_, response) => {
      isAsked = true
      response.end("{}")
    })
    const server = await listen((_, response) => response.writeHead(307, { location: elsewhere.href }).end())
    await expect(clientOf(server).ownSource()).rejects.toMatchObject({
      code: "input_invalid",
      message: "the server redirects the call: use its own address",
    })
    expect(isAsked).toBe(false)
  })

  it("passes on the server's refusals, and hints at what to do after temporary failures", async () => {
    const answers = [
      [401, { type: "unauthenticated" }, { code: "unauthenticated" }],
      [403, { type: "forbidden" }, { code: "forbidden" }],
      [409, { type: "state_conflict" }, { code: "state_conflict" }],
      [422, { type: "evidence_digest_mismatch" }, { code: "state_conflict" }],
      [503, {}, { code: "unavailable", hint: "Try again." }],
      [200, { nothing: true }, { code: "answer_malformed" }],
    ] as const
    for (const [status, body, error] of answers) {
      const server = await listen((request, response) => {
        expect(request.headers.authorization).toBe("Bearer key")
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
      })
      await expect(clientOf(server).ownSource()).rejects.toMatchObject(error)
    }
  })

  it("says that a server cannot be reached without its address, and ends with its signal", async () => {
    const gone = new URL("http://127.0.0.1:1")
    const error: unknown = await clientOf(gone)
      .ownSource()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: "unavailable", message: "the server cannot be reached", hint: "Try again." })
    const stop = new AbortController()
    const server = await listen(() => stop.abort(new Error("enough")))
    await expect(clientOf(server, stop.signal).push("")).rejects.toThrow("enough")
  })
})
