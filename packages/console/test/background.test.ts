import { readFileSync } from "node:fs"
import { BACKGROUND_HEADER } from "@nightlight/contract/server"
import { expect, it } from "vitest"

it("background reads carry the header that the contract names", () => {
  const source = readFileSync(new URL("../src/api/call.ts", import.meta.url), "utf8")
  expect(source).toContain(`"${BACKGROUND_HEADER}"`)
})
