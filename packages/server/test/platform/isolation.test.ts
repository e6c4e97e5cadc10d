import { expect, it } from "vitest"
import { isolationFor } from "../../src/platform/config/isolation.ts"
import { parseServerConfig } from "../../src/platform/config/read.ts"

it.each([
  [{}, "auto"],
  [{ reports: { environment: "production" } }, "needed"],
  [{ reports: { environment: "production" }, decoder: { withoutIsolation: "accept" } }, "auto"],
] as const)("of a server with %j the decoder's isolation is %s", (config, expected) => {
  expect(isolationFor(parseServerConfig(JSON.stringify({ version: 1, ...config })))).toBe(expected)
})
