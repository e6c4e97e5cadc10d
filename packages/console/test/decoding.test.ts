import { expect, it } from "vitest"
import { decodingWords } from "../src/screens/home/decoding-words.ts"

it("Health says what isolates decoding, and without isolation, whether that was accepted or stops decoding", () => {
  expect(decodingWords({ isolation: "bwrap+seccomp", state: "isolated" })).toBe("isolated, with a system-call filter")
  expect(decodingWords({ isolation: "none", state: "accepted" })).toBe(
    "not isolated, accepted by name in its configuration",
  )
  expect(decodingWords({ isolation: "none", state: "refused" })).toMatch(
    /^not isolated, so it does not work: .*bubblewrap.*decoder\.withoutIsolation/,
  )
  expect(decodingWords({ isolation: "none", state: "not-required" })).toBe("not isolated: install bubblewrap")
  expect(decodingWords({ isolation: "unknown", state: "unknown" })).toBe("not known")
})
