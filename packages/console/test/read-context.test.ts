import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readContext } from "../src/screens/cases/read-context.ts"

describe("a sealed context", () => {
  it("shows what a scan seals: source, dataset, shard, digests", () => {
    const { facts, digests, turns } = readContext({
      sourceUrl: "https://pictures.example/circle.jpg",
      shard: "shapes-0001.tar",
      digests: { md5: "", sha256: "ab".repeat(32) },
    })
    expect(facts).toEqual([
      ["sourceUrl", "https://pictures.example/circle.jpg"],
      ["shard", "shapes-0001.tar"],
    ])
    expect(digests).toEqual([["sha256", "ab".repeat(32)]])
    expect(turns).toEqual([])
  })

  it("shows a chat turn by turn, parts of a turn as lines, and the answer last", () => {
    const request = JSON.stringify({
      messages: [
        { role: "system", content: "Draw shapes." },
        { role: "user", content: [{ type: "text", text: "A circle." }, { type: "image_url" }, { text: "Blue." }] },
      ],
    })
    const answer = JSON.stringify({ choices: [{ message: { role: "assistant", content: "Here." } }] })
    expect(readContext({ said: { request, answer, flagged: [1] } }).turns).toEqual([
      { role: "system", text: "Draw shapes.", flagged: false },
      { role: "user", text: "A circle.\nBlue.", flagged: true },
      { role: "assistant", text: "Here.", flagged: false },
    ])
  })

  it("keeps the numbering of turns if one has no text", () => {
    const messages = [
      { role: "user", content: [{ type: "image_url" }] },
      { role: "user", content: "A circle." },
    ]
    const { turns } = readContext({ said: { request: JSON.stringify({ messages }), flagged: [1] } })
    expect(turns).toEqual([{ role: "user", text: "A circle.", flagged: true }])
  })

  it("shows the flagged turns of a conversation of any length, with the turns around them", () => {
    const messages = Array.from({ length: 9000 }, (_, n) => ({ role: "user", content: `Shape ${n}.` }))
    const { turns, turnsLeftOut } = readContext({ said: { request: JSON.stringify({ messages }), flagged: [8000] } })
    expect(turns.filter(({ flagged }) => flagged)).toEqual([{ role: "user", text: "Shape 8000.", flagged: true }])
    const index = turns.findIndex(({ flagged }) => flagged)
    expect([turns[index - 1]?.text, turns[index + 1]?.text]).toEqual(["Shape 7999.", "Shape 8001."])
    expect(turns.length + turnsLeftOut).toBe(9000)
    expect(turns.length).toBeLessThanOrEqual(400)
  })

  it("shows a flagged turn without text as JSON", () => {
    const call = { role: "assistant", tool_calls: [{ function: { name: "draw", arguments: "a circle" } }] }
    const { turns } = readContext({ said: { request: JSON.stringify({ messages: [call] }), flagged: [0] } })
    expect(turns).toMatchObject([{ role: "assistant", flagged: true }])
    expect(turns[0]?.text).toContain("a circle")
  })

  it("shows a truncated body as flagged if anything in it was flagged", () => {
    const said = { request: '{"messages":[{"role":"user","content":"A circ [shortened]', flagged: [0] }
    expect(readContext({ said }).turns).toMatchObject([{ role: "request", flagged: true }])
  })

  it("shows a body of an unknown form as a whole", () => {
    expect(readContext({ said: { request: "no JSON" } }).turns).toEqual([
      { role: "request", text: "no JSON", flagged: false },
    ])
    expect(readContext({ said: { request: '{"prompt":"A square."}' } }).turns).toMatchObject([{ text: "A square." }])
  })

  it("is read without an error whatever it contains, and yields only text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (found, said) => {
        for (const value of [
          found,
          { said, digests: found, signals: said, endUser: found },
          { said: { request: JSON.stringify(found) } },
        ]) {
          const { facts, digests, signals, turns } = readContext(value)
          for (const text of [...facts.flat(), ...digests.flat(), ...signals, ...turns.map((turn) => turn.text)]) {
            expect(typeof text).toBe("string")
          }
        }
      }),
    )
  })
})
