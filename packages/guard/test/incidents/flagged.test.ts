import { expect, it } from "vitest"
import { flaggedTurns } from "../../src/incidents/exchange-content.ts"
import type { CheckItem } from "../../src/inspect/inspectable.ts"

const request = (body: unknown) => ({ contentType: "application/json", bytes: Buffer.from(JSON.stringify(body)) })
const text = (path: string, choice = 0): CheckItem => ({
  kind: "text",
  text: "a circle",
  role: "user",
  channel: "text",
  choice,
  path,
})
const chat = request({ messages: [{ role: "system" }, { role: "user" }, { role: "user" }] })

it("a sealed chat names each turn that the signals are about once", () => {
  const items = [text("messages[2].content[1].text"), text("messages[0].content"), text("messages[2].content[0].text")]
  expect(flaggedTurns({ direction: "input", items, request: chat })).toEqual([0, 2])
  expect(flaggedTurns({ direction: "input", items: [text("tools[0].function.name")], request: chat })).toEqual([])
})

it("turns of an answer are numbered after those of the request", () => {
  const items = [text("choices[1].message.content", 1)]
  expect(flaggedTurns({ direction: "output", items, request: chat })).toEqual([4])
})

it("an exchange that is not a chat has no turns", () => {
  const items = [text("prompt")]
  expect(flaggedTurns({ direction: "output", items, request: request({ prompt: "a circle" }) })).toEqual([])
  const form = { contentType: "multipart/form-data", bytes: Buffer.from("--x\r\n") }
  expect(flaggedTurns({ direction: "output", items, request: form })).toEqual([])
})
