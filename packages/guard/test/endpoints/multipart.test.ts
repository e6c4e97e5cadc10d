import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { imagesEdits } from "../../src/endpoints/images-edits/endpoint.ts"
import { imagesVariations } from "../../src/endpoints/images-variations/endpoint.ts"
import { parseForm } from "../../src/endpoints/multipart/parse.ts"
import { writeForm } from "../../src/endpoints/multipart/write.ts"
import { GuardRefusal } from "../../src/errors.ts"
import { holdsMarker, MARKER } from "../support/planted.ts"
import { PIXEL } from "./traffic/pixel.ts"

const PNG = Buffer.from(PIXEL, "base64")
const TYPE = "multipart/form-data; boundary=b"

const part = (headers: string, body: Uint8Array | string) =>
  Buffer.concat([Buffer.from(`--b\r\n${headers}\r\n\r\n`), Buffer.from(body), Buffer.from("\r\n")])
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value)
const file = (name: string, bytes: Uint8Array | string = PNG, fileName = "a.png", type = "image/png") =>
  part(`Content-Disposition: form-data; name="${name}"; filename="${fileName}"\r\nContent-Type: ${type}`, bytes)
const form = (...parts: Buffer[]) => Buffer.concat([...parts, Buffer.from("--b--\r\n")])
const raw = (bytes: Uint8Array, contentTypeHeader = TYPE) => ({
  contentType: contentTypeHeader.split(";")[0]?.toLowerCase() ?? "",
  contentTypeHeader,
  bytes,
})
const refuse = (bytes: Uint8Array, header?: string) => {
  let thrown: unknown
  try {
    imagesEdits.request(raw(bytes, header))
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(GuardRefusal)
  expect((thrown as GuardRefusal).message).not.toContain(MARKER)
  return (thrown as GuardRefusal).code
}

describe("a form with pictures", () => {
  it("is parsed into every picture and every text, including a mask", () => {
    const { items, choices, model } = imagesEdits.request(
      raw(
        form(
          file("image[]"),
          file("image[]"),
          file("mask"),
          field("prompt", "A dot."),
          field("n", "2"),
          field("model", "m"),
        ),
      ),
    )
    expect(items.map(({ kind, path }) => [kind, path])).toEqual([
      ["bytes", "image[0]"],
      ["bytes", "image[1]"],
      ["bytes", "mask[0]"],
      ["text", "prompt"],
      ["text", "model"],
    ])
    expect({ choices, model }).toEqual({ choices: 2, model: "m" })
  })

  it("is written anew: with another boundary, the guard's own file names, types by content, and forced fields", () => {
    const request = imagesEdits.request(
      raw(
        form(
          file("image", PNG, MARKER, "text/plain"),
          field("prompt", "A dot."),
          field("moderation", "low"),
          field("partial_images", "3"),
          field("stream", "true"),
          field("model", "gpt-image-1"),
        ),
      ),
    )
    const { contentType, bytes } = request.payload()
    const text = Buffer.from(bytes).toString("latin1")
    expect(contentType).not.toContain("boundary=b")
    expect(text).not.toContain(MARKER)
    expect(text).toContain("Content-Type: image/png")
    const sent = new Map(parseForm(contentType, bytes).map(({ name, bytes: value }) => [name, Buffer.from(value)]))
    expect(sent.get("image")?.equals(PNG)).toBe(true)
    expect(sent.get("moderation")?.toString()).toBe("auto")
    expect(sent.get("partial_images")?.toString()).toBe("0")
    expect(sent.has("response_format")).toBe(false)
    expect(request.streamed).toBe(true)
  })

  it("has no text that is not inspected", () => {
    for (const name of ["prompt", "model", "user", "size", "safety_identifier"]) {
      const parts = [file("image"), field(name, MARKER), ...(name === "prompt" ? [] : [field("prompt", "x")])]
      expect(holdsMarker(imagesEdits.request(raw(form(...parts))).items), name).toBe(true)
    }
    for (const name of ["n", "stream", "quality", "moderation", "partial_images", "background", MARKER]) {
      expect(refuse(form(file("image"), field("prompt", "x"), field(name, MARKER)))).toMatch(/invalid_body|unsupported/)
    }
  })

  it("is read back as it was written, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 5 }), (contents) => {
        const { contentType, bytes } = writeForm(
          contents.map((content) => ({ name: "image", bytes: content, mediaType: "image/png", fileName: "a.png" })),
        )
        const read = parseForm(contentType, bytes)
        expect(read.map((one) => [...one.bytes])).toEqual(contents.map((content) => [...content]))
      }),
    )
  })
})

describe("a hostile form is refused", () => {
  const good = form(file("image"), field("prompt", "x"))

  it.each<[string, Uint8Array, string?]>([
    ["without a boundary", good, "multipart/form-data"],
    ["with two boundaries", good, `${TYPE}; boundary=c`],
    ["with an empty boundary", good, 'multipart/form-data; boundary=""'],
    ["with another parameter", good, "multipart/form-data; charset=utf-8; boundary=b"],
    ["with a boundary that is too long", good, `multipart/form-data; boundary=${"b".repeat(71)}`],
    ["as another type", good, "multipart/mixed; boundary=b"],
    ["as JSON", Buffer.from('{"prompt":"x"}'), "application/json"],
    ["with nothing in it", Buffer.alloc(0)],
    ["with only its end", Buffer.from("--b--\r\n")],
    ["that is cut off", good.subarray(0, good.length - 6)],
    ["with a preamble", Buffer.concat([Buffer.from("hidden\r\n"), good])],
    ["with an epilogue", Buffer.concat([good, Buffer.from("hidden")])],
    ["with a boundary that goes on", form(file("image"), Buffer.from("--bb\r\n\r\n\r\n"), field("prompt", "x"))],
    [
      "with something after a boundary",
      form(file("image"), Buffer.from(`--bxy${field("prompt", "x").subarray(5).toString()}`)),
    ],
    ["with bare line feeds", Buffer.from(good.toString("latin1").replaceAll("\r\n", "\n"), "latin1")],
    ["with a part without a name", form(file("image"), part("Content-Disposition: form-data", "x"))],
    ["with a part without headers", form(file("image"), Buffer.from("--b\r\n\r\nx\r\n"))],
    ["with two names", form(file("image"), part('Content-Disposition: form-data; name="a"; name="prompt"', "x"))],
    [
      "with an encoded name of a file",
      form(part(`Content-Disposition: form-data; name="image"; filename*=UTF-8''a`, PNG), field("prompt", "x")),
    ],
    ["with an escaped name", form(file("image"), part('Content-Disposition: form-data; name="pro\\"mpt"', "x"))],
    [
      "with two dispositions",
      form(
        part('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="image"', PNG),
        field("prompt", "x"),
      ),
    ],
    [
      "with an encoding of a part",
      form(
        part('Content-Disposition: form-data; name="image"; filename="a"\r\nContent-Transfer-Encoding: base64', PIXEL),
        field("prompt", "x"),
      ),
    ],
    [
      "with a form within a part",
      form(
        file("image"),
        part('Content-Disposition: form-data; name="prompt"\r\nContent-Type: multipart/mixed; boundary=c', "--c--"),
      ),
    ],
    ["with headers without an end", form(Buffer.from(`--b\r\nX: ${"y".repeat(9000)}\r\n`))],
    ["with a name in a name", form(file("image[mask]"), field("prompt", "x"))],
    ["with a field twice", form(file("image"), field("prompt", "x"), field("prompt", "y"))],
    ["with a text as a file", form(file("image"), file("prompt", "x"))],
    ["with a picture as a text", form(field("image", "x"), field("prompt", "x"))],
    ["with an unknown file", form(file("image"), file(MARKER), field("prompt", "x"))],
    ["with an unknown field", form(file("image"), field(MARKER, "x"), field("prompt", "x"))],
    ["with a picture that is none", form(file("image", MARKER), field("prompt", "x"))],
    ["with a picture of a wrong type", form(file("image", Buffer.from("%PDF-1.7\n1 0 obj")), field("prompt", "x"))],
    ["with a drawing", form(file("image", '<svg xmlns="http://www.w3.org/2000/svg"/>'), field("prompt", "x"))],
    ["without a picture", form(field("prompt", "x"))],
    ["without a prompt", form(file("image"))],
    ["with too many pictures", form(...Array.from({ length: 17 }, () => file("image[]")), field("prompt", "x"))],
    ["with two masks", form(file("image"), file("mask"), file("mask"), field("prompt", "x"))],
    ["with too many parts", form(...Array.from({ length: 200 }, (_, index) => field(`f${index}`, "x")))],
    [
      "with a text that is not UTF-8",
      form(file("image"), part('Content-Disposition: form-data; name="prompt"', Buffer.from([0xff, 0xfe]))),
    ],
    ["with a number that is none", form(file("image"), field("prompt", "x"), field("n", "1e1"))],
    ["that asks for links", form(file("image"), field("prompt", "x"), field("response_format", "url"))],
  ])("%s", (_, bytes, header) => {
    expect(refuse(bytes, header)).toMatch(/^(?:invalid_body|unsupported_parameter|unsupported_media_type)$/)
  })

  it("wherever it is cut", () => {
    for (let end = 0; end < good.length - 2; end++) refuse(good.subarray(0, end))
  })

  it("or read whole: a changed byte leaves nothing uninspected", () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (offset, value) => {
        const bytes = Buffer.from(good)
        bytes[offset] = value
        try {
          const request = imagesEdits.request(raw(bytes))
          const prompt = request.items.find(({ path }) => path === "prompt")
          const sent = parseForm(request.payload().contentType, request.payload().bytes)
          expect(sent.find(({ name }) => name === "prompt")?.bytes.toString()).toBe(
            prompt?.kind === "text" ? prompt.text : "",
          )
          expect(sent.filter(({ isFile }) => isFile)).toHaveLength(1)
        } catch (error) {
          expect(error).toBeInstanceOf(GuardRefusal)
        }
      }),
    )
  })
})

it("a form that asks for variations of two pictures, or has a prompt, is refused", () => {
  expect(imagesVariations.request(raw(form(file("image"), field("n", "1")))).items).toHaveLength(1)
  expect(() => imagesVariations.request(raw(form(file("image"), field("prompt", "x"))))).toThrow(GuardRefusal)
  expect(() => imagesVariations.request(raw(form(file("image"), file("image"))))).toThrow(GuardRefusal)
})
