import { expect, it } from "vitest"
import { summaryOf } from "../src/screens/administration/keys/signing-summary.ts"

const person = (id: string, by: "passkey" | "kept-key") => ({ id, by, enrolledAt: "2026-01-01T00:00:00.000Z" })

it("the keys page counts the people who sign with stored keys, and names what only a passkey signs", () => {
  const people = [person("a", "passkey"), person("b", "kept-key"), person("c", "kept-key")]
  expect(summaryOf({ require: ["filing", "original"], people })).toBe(
    "2 of 3 sign with a stored key, which never asks for fingerprint, face or PIN. Only a passkey signs: reports, originals.",
  )
  expect(summaryOf({ require: [], people: [] })).toMatch(
    /^The custodian knows nobody yet\. Stored keys can sign everything/,
  )
})
