import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type SseEvent, SseParser } from "../src/stream/sse-parser.ts"
import { sseFrame } from "../src/stream/sse-writer.ts"

function parse(...chunks: (string | Uint8Array)[]): SseEvent[] {
  const parser = new SseParser()
  return chunks.flatMap((chunk) => parser.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk))
}

describe("SseParser", () => {
  it.each([
    ["LF", "data: a\n\ndata: b\n\n"],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n"],
    ["CR", "data: a\r\rdata: b\r\r"],
    ["all of them", "data: a\r\n\ndata: b\r\r"],
    ["comments between", ": hello\n\ndata: a\n: keep-alive\n\n:\n\ndata:b\n\n"],
    ["a byte order mark first", "\ufeffdata: a\n\ndata: b\n\n"],
    ["fields that mean nothing here", "id: 1\nretry: 5\nother\ndata: a\n\ndata: b\n\n"],
  ])("reads lines that end with %s", (_, text) => {
    expect(parse(text).map(({ data }) => data)).toEqual(["a", "b"])
  })

  it("joins several data lines, removes one leading space, and names the event", () => {
    expect(parse("event: x\ndata:  a\ndata:b\ndata\n\n")).toEqual([{ event: "x", data: " a\nb\n" }])
  })

  it("drops an incomplete event, and an event without data", () => {
    expect(parse("event: x\n\ndata: a\n\ndata: cut")).toEqual([{ event: "", data: "a" }])
  })

  it("reads the same whatever the chunks are, even when they cut a character", () => {
    const text = 'event: a\r\ndata: {"x":"ä😀"}\r\n\r\n: c\rdata: b\rdata: c\r\r\ndata: [DONE]\n\n'
    const bytes = Buffer.from(text)
    const whole = parse(bytes)
    expect(whole).toHaveLength(3)
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(parse(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(whole)
    }
    expect(parse(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole)
  })

  it("reads back what the writer writes, for any events and any chunks", () => {
    const line = fc.string({ unit: "binary" }).map((text) => text.toWellFormed().replace(/[\r\n\ufeff]/g, ""))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(40), { maxLength: 30 }), (datas, cuts) => {
        const bytes = Buffer.from(datas.map((data) => sseFrame(data)).join(""))
        const chunks: Buffer[] = []
        let offset = 0
        for (const cut of cuts) {
          chunks.push(bytes.subarray(offset, offset + cut))
          offset += cut
        }
        chunks.push(bytes.subarray(offset))
        expect(parse(...chunks).map(({ data }) => data)).toEqual(datas)
      }),
    )
  })

  it("refuses bytes that are not UTF-8, and an endless event", () => {
    expect(() => parse(Buffer.from([0x64, 0xff]))).toThrow(expect.objectContaining({ code: "upstream_failed" }))
    const parser = new SseParser(100)
    expect(() => {
      for (let index = 0; index < 20; index++) parser.push(Buffer.from("data: 12345678\n"))
    }).toThrow(expect.objectContaining({ code: "upstream_failed" }))
    expect(() => new SseParser(100).push(Buffer.from("x".repeat(200)))).toThrow()
  })
})
