import type { TLSSocket } from "node:tls"
import { makeCertificate } from "@nightlight/dev-env/simulators/certificate"
import { describe, expect, it } from "vitest"
import { createEgress, createOperatorEgress } from "../src/index.ts"
import { egressTo, failure, HOST, urlOf, WIDE } from "./support/egress.ts"
import { rawServer, type WebServer, webServer } from "./support/servers.ts"

const certificate = makeCertificate(HOST)
const trusted = { certificateAuthorities: [certificate.cert] }

const secure = (server: WebServer, path = "/", host = HOST) => urlOf(server, path, host).replace("http:", "https:")

function secureServer(given = certificate): Promise<WebServer> {
  return webServer((_, response) => response.end("x"), { certificate: given })
}

describe("over TLS", () => {
  it("the host's name is requested and verified although the connection goes to a checked address", async () => {
    await using server = await secureServer()
    const egress = egressTo([server], trusted)
    expect((await egress.fetchBytes(secure(server), WIDE)).bytes.length).toBe(1)
    expect(server.requests.map(({ socket }) => (socket as TLSSocket & { servername: unknown }).servername)).toEqual([
      HOST,
    ])
    expect((await egress.fetchBytes(secure(server, "/", `${HOST}.`), WIDE)).bytes.length).toBe(1)
  })

  it("a host with another host's certificate receives no request", async () => {
    await using server = await secureServer()
    const egress = egressTo([server], trusted)
    const wrong = await failure(egress.fetchBytes(secure(server, "/", "other.example"), WIDE))
    expect(wrong).toMatchObject({ code: "unavailable", reason: "tls" })
    const byAddress = await failure(egress.fetchBytes(secure(server, "/", "127.0.0.1"), WIDE))
    expect(byAddress).toMatchObject({ code: "unavailable", reason: "tls" })
    expect(server.requests.length).toBe(0)
  })

  it("a host with an untrusted certificate receives no request, whatever the environment says", async () => {
    await using server = await secureServer()
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"]
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0"
    try {
      const refused = await failure(egressTo([server]).fetchBytes(secure(server), WIDE))
      expect(refused).toMatchObject({ code: "unavailable", reason: "tls" })
      const operator = createOperatorEgress({
        origin: `https://127.0.0.1:${server.endpoint.port}`,
        region: "here",
        contractReference: "none",
        timeoutMs: 10_000,
        maxBytes: 1000,
      })
      expect(await failure(operator.post("/", { json: 1 }))).toMatchObject({ code: "unavailable" })
      await operator.close()
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"]
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before
    }
    expect(server.requests.length).toBe(0)
  })

  it("a redirect from https to http is refused, and one from http to https is followed", async () => {
    await using plain = await webServer((_, response) => {
      response.writeHead(301, { location: secure(target) }).end()
    })
    await using target = await webServer(
      (request, response) => {
        if (request.url === "/back") response.writeHead(301, { location: urlOf(plain) }).end()
        else response.end("x")
      },
      { certificate },
    )
    const egress = egressTo([plain, target], trusted)
    expect((await egress.fetchBytes(urlOf(plain), WIDE)).finalUrl).toBe(secure(target))
    const refused = await failure(egress.fetchBytes(secure(target, "/back"), WIDE))
    expect(refused).toMatchObject({ code: "address_refused", reason: "downgrade" })
    expect(plain.requests.length).toBe(1)
  })

  it("a host that never finishes the handshake is abandoned", async () => {
    await using silent = await rawServer(() => {})
    const url = urlOf(silent).replace("http:", "https:")
    const impatient = egressTo([silent], { limits: { connectTimeoutMs: 200 } })
    expect(await failure(impatient.fetchBytes(url, WIDE))).toMatchObject({ code: "unavailable", reason: "tls" })
    const late = egressTo([silent]).fetchBytes(url, { ...WIDE, timeoutMs: 200 })
    expect(await failure(late)).toMatchObject({ code: "timed_out" })
    await expect.poll(() => silent.connections.every(({ destroyed }) => destroyed)).toBe(true)
  })
})

it("without a test's permission, a server on this machine is not called over TLS either", async () => {
  await using server = await secureServer()
  const egress = createEgress({
    ...trusted,
    resolve: async () => ["127.0.0.1"],
    allowedPorts: [server.endpoint.port],
  })
  expect(await failure(egress.fetchBytes(secure(server), WIDE))).toMatchObject({ reason: "not_public" })
  expect(server.connections.length).toBe(0)
})
