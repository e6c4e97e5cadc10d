import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { inert } from "../src/index.ts"

describe("inert", () => {
  it.each([
    ["an escape sequence", "\u001b[31mred", "\\u001b[31mred"],
    ["a new line", "a\r\nb", "a\\u000d\\u000ab"],
    ["a mark that reverses the text direction", "gpj\u202e.exe", "gpj\\u202e.exe"],
    ["a lone surrogate", "a\ud800b", "a\\ud800b"],
    ["a noncharacter", "a\ufffeb", "a\\ufffeb"],
  ])("escapes %s", (_what, text, shown) => {
    expect(inert(text)).toBe(shown)
  })

  it("keeps letters of every script", () => {
    expect(inert("Grüße, 世界, שלום 😀")).toBe("Grüße, 世界, שלום 😀")
  })

  it("never lets a control character through", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/\p{Cc}/u.test(inert(text))))
  })
})
