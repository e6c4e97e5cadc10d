import { expect, it } from "vitest"
import { summaryOf } from "../src/screens/administration/keys/signing-summary.ts"

const person = (id: string, by: "passkey" | "kept-key") => ({ id, by, enrolledAt: "2026-01-01T00:00:00.000Z" })

it("the page of keys counts who signs without a gesture, and says what a passkey alone signs", () => {
  const people = [person("a", "passkey"), person("b", "kept-key"), person("c", "kept-key")]
  expect(summaryOf({ require: ["filing", "original"], people })).toBe(
    "2 of 3 sign with a stored key, which needs no gesture. Only a passkey signs: reports, originals.",
  )
  expect(summaryOf({ require: [], people: [] })).toMatch(
    /^The custodian knows nobody yet\. Stored keys can sign everything/,
  )
})
