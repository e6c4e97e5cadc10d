import { expect, it } from "vitest"
import { parseConfig } from "../src/config.ts"
import { isolationFor } from "../src/isolation.ts"

it("is needed for evidence, unless the configuration accepts by name that there is none", () => {
  const text = (more: string) => `version: 1\nevidence: evidence\nrecipient: age1x\n${more}`
  expect(isolationFor(parseConfig(text("")))).toBe("needed")
  expect(isolationFor(parseConfig(text("hosts: { production: { enabled: true } }")))).toBe("needed")
  expect(isolationFor(parseConfig(text("decoder: { withoutIsolation: accept }")))).toBe("auto")
})
