import { subscribe, unsubscribe } from "node:diagnostics_channel"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createEgress } from "../src/index.ts"
import { dotted, groups, IPV4_SPELLINGS, insideIpv4 } from "./support/addresses.ts"
import { egressTo, failure, HOST, urlOf, WIDE } from "./support/egress.ts"
import { type WebServer, webServer } from "./support/servers.ts"

/** Node's diagnostics channel for every TCP socket of this process that begins to connect. */
const CHANNEL = "net.client.socket"

let server: WebServer
let location = "/"
let opened = 0
const onSocket = () => {
  opened++
}

beforeAll(async () => {
  server = await webServer((_, response) => {
    response.writeHead(302, { location }).end()
  })
  subscribe(CHANNEL, onSocket)
})

afterAll(async () => {
  unsubscribe(CHANNEL, onSocket)
  await server[Symbol.asyncDispose]()
})

async function socketsOf(call: () => Promise<unknown>, code: string): Promise<number> {
  const before = opened
  expect((await failure(call())).code).toBe(code)
  return opened - before
}

const spelling = fc.constantFrom(...Object.keys(IPV4_SPELLINGS))
const scheme = fc.constantFrom("http", "https")
const written = (value: number, name: string) => IPV4_SPELLINGS[name]!(value)

/** An internal address as a resolver may return it. */
const answered = fc.oneof(
  insideIpv4.map(dotted),
  fc
    .tuple(
      fc.constantFrom("::ffff:", "::", "64:ff9b::", "64:ff9b:1::", "fe80::", "fd00::", "2606:4700::5efe:"),
      insideIpv4,
    )
    .map(([start, value]) => start + groups(value)),
)

describe("no internal address is ever connected to", () => {
  it("while an allowed address is, once for each request", async () => {
    location = "/"
    expect(await socketsOf(() => egressTo([server]).fetchBytes(urlOf(server), WIDE), "address_refused")).toBe(4)
  })

  it("when a URL names it, however it is written", async () => {
    const egress = createEgress({
      resolve: async () => {
        throw new Error("this must not be looked up")
      },
    })
    await fc.assert(
      fc.asyncProperty(insideIpv4, spelling, scheme, async (value, name, protocol) => {
        const url = `${protocol}://${written(value, name)}/`
        expect(await socketsOf(() => egress.fetchBytes(url, WIDE), "address_refused")).toBe(0)
      }),
      { numRuns: 3000 },
    )
  })

  it("when a redirect names it, however it is written", async () => {
    const egress = egressTo([server])
    await fc.assert(
      fc.asyncProperty(insideIpv4, spelling, scheme, async (value, name, protocol) => {
        const target = `${protocol}://${written(value, name)}/`
        location = Buffer.from(target).toString("latin1")
        expect(await socketsOf(() => egress.fetchBytes(urlOf(server), WIDE), "address_refused")).toBe(1)
      }),
      { numRuns: 300 },
    )
  })

  it("when a resolver returns it, alone or among public ones, at first or later", async () => {
    const publicOnes = fc.array(fc.constantFrom("8.8.8.8", "1.1.1.1", "2606:4700::1"), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(answered, publicOnes, fc.nat(3), scheme, async (address, others, index, protocol) => {
        const addresses: readonly string[] = [...others.slice(0, index), address, ...others.slice(index)]
        const egress = createEgress({ resolve: async () => addresses })
        const call = () => egress.fetchBytes(`${protocol}://${HOST}/`, WIDE)
        expect(await socketsOf(call, "address_refused")).toBe(0)
      }),
      { numRuns: 1000 },
    )
  })

  it("when a name resolves to it from the second look-up on", async () => {
    location = "/again"
    await fc.assert(
      fc.asyncProperty(answered, async (address) => {
        fc.pre(address !== "127.0.0.1")
        let lookUps = 0
        const egress = egressTo([server], { resolve: async () => [lookUps++ === 0 ? "127.0.0.1" : address] })
        expect(await socketsOf(() => egress.fetchBytes(urlOf(server), WIDE), "address_refused")).toBe(1)
      }),
      { numRuns: 200 },
    )
  })
})
