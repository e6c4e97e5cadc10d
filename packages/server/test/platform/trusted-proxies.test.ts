import { expect, it } from "vitest"
import { z } from "zod"
import { addRoute } from "../../src/platform/http/route.ts"
import { testApp } from "../support/app.ts"

/** Where the application thinks that a call came from. */
async function addressSeen(trustedProxies: readonly string[], from: string, forwarded: string): Promise<string> {
  const app = await testApp({
    trustedProxies,
    routes: (on) =>
      addRoute(on, {
        method: "GET",
        url: "/v1/address",
        summary: "Where the call came from",
        access: { kind: "public", because: "a test's own" },
        object: { kind: "none", because: "a test's own" },
        reply: z.strictObject({ address: z.string() }),
        handle: async ({ request }) => ({ address: request.ip }),
      }),
  })
  const answer = await app.inject({
    url: "/v1/address",
    remoteAddress: from,
    headers: { "x-forwarded-for": forwarded, "x-forwarded-host": "elsewhere.example" },
  })
  await app.close()
  return answer.json<{ address: string }>().address
}

it.each([
  ["nobody is trusted", [], "192.0.2.1", "198.51.100.9", "192.0.2.1"],
  ["the proxy is trusted", ["192.0.2.1"], "192.0.2.1", "198.51.100.9", "198.51.100.9"],
  ["somebody else is trusted", ["192.0.2.2"], "192.0.2.1", "198.51.100.9", "192.0.2.1"],
  ["a network is trusted", ["192.0.2.0/24"], "192.0.2.1", "198.51.100.9", "198.51.100.9"],
  ["the caller invents one more hop", ["192.0.2.1"], "192.0.2.1", "203.0.113.1, 198.51.100.9", "198.51.100.9"],
])("knows where a call comes from when %s", async (_when, trusted, from, forwarded, seen) => {
  expect(await addressSeen(trusted, from, forwarded)).toBe(seen)
})
