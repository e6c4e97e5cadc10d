import { describe, expect, it } from "vitest"
import { createEgress, dnsResolver } from "../src/index.ts"
import { egressTo, failure, urlOf, WIDE } from "./support/egress.ts"
import { nameServer } from "./support/name-server.ts"
import { webServer } from "./support/servers.ts"

const LOOPBACK = Buffer.from([127, 0, 0, 1])
const PUBLIC_A = Buffer.from([8, 8, 8, 8])
const PUBLIC_AAAA = Buffer.from("26064700000000000000000000000001", "hex")
const UNIQUE_LOCAL = Buffer.from("fd000000000000000000000000000001", "hex")

const signal = AbortSignal.timeout(60_000)

describe("the name servers", () => {
  it("are queried for addresses of both families", async () => {
    await using server = await nameServer({
      "both.example": { a: [PUBLIC_A, LOOPBACK], aaaa: [PUBLIC_AAAA] },
      "four.example": { a: [PUBLIC_A] },
      "six.example": { aaaa: [PUBLIC_AAAA] },
      "none.example": {},
    })
    const resolve = dnsResolver({ servers: [server.address] })
    expect(await resolve("both.example", signal)).toEqual(["8.8.8.8", "127.0.0.1", "2606:4700::1"])
    expect(await resolve("four.example", signal)).toEqual(["8.8.8.8"])
    expect(await resolve("six.example", signal)).toEqual(["2606:4700::1"])
    expect(await resolve("none.example", signal)).toEqual([])
    expect(await resolve("unknown.example", signal)).toEqual([])
    expect(new Set(server.asked)).toEqual(
      new Set(["both.example", "four.example", "six.example", "none.example", "unknown.example"]),
    )
  })

  it("cause a host to be refused for one address of the other family", async () => {
    await using server = await nameServer({ "both.example": { a: [PUBLIC_A], aaaa: [UNIQUE_LOCAL] } })
    const egress = createEgress({ resolve: dnsResolver({ servers: [server.address] }) })
    expect(await failure(egress.fetchBytes("http://both.example/", WIDE))).toMatchObject({ reason: "not_public" })
  })

  it("determine the host that is fetched from", async () => {
    await using names = await nameServer({ "pictures.example": { a: [LOOPBACK] } })
    await using server = await webServer((_, response) => response.end("x"))
    const egress = egressTo([server], { resolve: dnsResolver({ servers: [names.address] }) })
    expect((await egress.fetchBytes(urlOf(server), WIDE)).bytes.length).toBe(1)
    expect(names.asked.filter((name) => name === "pictures.example").length).toBe(2)
  })

  it("are not waited for after the deadline", async () => {
    await using server = await nameServer({ "slow.example": "silent" })
    const egress = createEgress({ resolve: dnsResolver({ servers: [server.address] }) })
    expect(await failure(egress.fetchBytes("http://slow.example/", { ...WIDE, timeoutMs: 200 }))).toMatchObject({
      code: "timed_out",
    })
    expect(server.asked.length).toBeGreaterThan(0)
  })

  it("are ignored after the caller aborts", async () => {
    const resolve = dnsResolver({ servers: ["127.0.0.1:9"] })
    const reason = new Error("enough")
    await expect(resolve("a.example", AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

it("a failing resolver counts as a host without an address, and its message is not passed on", async () => {
  const failing = createEgress({ resolve: async () => Promise.reject(new Error("canary")) })
  const got = await failure(failing.fetchBytes("http://a.example/", WIDE))
  expect(got).toMatchObject({ code: "unavailable", reason: "dns" })
  expect(got.told).not.toContain("canary")
})

it("the next address is tried when one does not answer", async () => {
  await using server = await webServer((_, response) => response.end("x"))
  const { port } = server.endpoint
  const egress = createEgress({
    resolve: async () => ["127.0.0.9", "::1", "127.0.0.1"],
    allowLoopbackForTests: ["127.0.0.9", "::1", "127.0.0.1"].map((address) => ({ address, port })),
  })
  expect((await egress.fetchBytes(urlOf(server), WIDE)).bytes.length).toBe(1)
  expect(server.connections.length).toBe(1)
})
