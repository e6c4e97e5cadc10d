import fc from "fast-check"
import { expect, it } from "vitest"
import { DEFAULT_MESSAGE, messageFor } from "../src/answers/messages.ts"

const MESSAGES = { en: "stopped", de: "angehalten", "pt-br": "parado" }

it.each([
  ["de", "angehalten"],
  ["de-AT,en;q=0.5", "angehalten"],
  ["fr, en;q=0.2, de;q=0.9", "angehalten"],
  ["pt-BR", "parado"],
  ["pt-PT", "stopped"],
  ["de;q=0", "stopped"],
  ["*", "stopped"],
  ["", "stopped"],
  [undefined, "stopped"],
])("the message for %s comes in the nearest language that the operator wrote", (header, message) => {
  expect(messageFor(MESSAGES, header)).toBe(message)
})

it("the message has default words where the operator wrote none", () => {
  expect(messageFor({}, "de")).toBe(DEFAULT_MESSAGE)
})

it("the message is one of the operator's, whatever the header", () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.constantFrom(
      "constructor",
      "__proto__",
      "toString",
      "constructor-x",
      "hasOwnProperty;q=1",
      "de;q=x",
      "de;q=1e999",
    ),
    fc.array(fc.string(), { maxLength: 3 }),
  )
  fc.assert(
    fc.property(hostile, (header) => {
      expect(Object.values(MESSAGES)).toContain(messageFor(MESSAGES, header))
    }),
  )
})
