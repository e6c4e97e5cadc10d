/**
 * Requests for pictures that come as forms: every part has a known name, every picture is one by its content.
 * @module
 */
import { type JsonValue, sniffMedia } from "@nightlight/core"
import { GuardRefusal } from "../../errors.ts"
import type { Payload } from "../../inspect/payload.ts"
import { MAX_PICTURES } from "../../inspect/pictures.ts"
import type { Shape } from "../../inspect/shape.ts"
import { Walk } from "../../inspect/walk.ts"
import type { RawRequest } from "../endpoint.ts"
import { decode, type FormPart, parseForm } from "../multipart/parse.ts"
import { type WrittenField, writeForm } from "../multipart/write.ts"

/** A parsed form. */
export interface ReadForm {
  /** Its texts, as the table left them; these are forwarded. */
  readonly copy: Record<string, JsonValue>
  readonly walk: Walk
  readonly payload: () => Payload
}

/** Form fields whose text stands for a number. */
const NUMBERS: ReadonlySet<string> = new Set(["n", "output_compression", "partial_images"])
const FLAGS: ReadonlySet<string> = new Set(["stream"])

/** Media types that upstreams accept, with a file name's extension for each. */
const ENDINGS: ReadonlyMap<string, string> = new Map([
  ["image/png", "png"],
  ["image/jpeg", "jpg"],
  ["image/webp", "webp"],
])

/**
 * Reads a form.
 *
 * @param files - names of pictures, with how many there may be of each.
 * @param table - the texts.
 * @throws {GuardRefusal} for anything it does not know.
 */
export function readForm(raw: RawRequest, files: Readonly<Record<string, number>>, table: Shape): ReadForm {
  if (raw.contentType !== "multipart/form-data") {
    throw new GuardRefusal("unsupported_media_type", "the body must be multipart/form-data")
  }
  const limits = new Map(Object.entries(files))
  const walk = new Walk("refuse", "user")
  const pictures: WrittenField[] = []
  const texts: Record<string, unknown> = {}
  const counted = new Map<string, number>()
  for (const part of parseForm(raw.contentTypeHeader, raw.bytes)) {
    const base = part.name.endsWith("[]") ? part.name.slice(0, -2) : part.name
    const most = limits.get(base)
    if (most === undefined) {
      if (part.isFile) throw walk.fail("the form has a file of an unknown name", "", "unsupported_parameter")
      if (Object.hasOwn(texts, part.name)) throw walk.fail("the form has a field twice", "")
      texts[part.name] = textOf(part, walk)
      continue
    }
    const index = counted.get(base) ?? 0
    counted.set(base, index + 1)
    if (index >= most) throw walk.fail("too many pictures", base)
    pictures.push(pictureOf(part, `${base}[${index}]`, walk))
  }
  if ((counted.get("image") ?? 0) === 0) throw walk.fail("a field is missing", "image")
  const copy = table(texts, "", walk) as Record<string, JsonValue>
  return {
    copy,
    walk,
    payload: () =>
      writeForm([
        ...Object.entries(copy)
          .filter(([, value]) => value !== null)
          .map(([name, value]) => ({ name, text: typeof value === "string" ? value : JSON.stringify(value) })),
        ...pictures,
      ]),
  }
}

function pictureOf({ name, isFile, bytes }: FormPart, path: string, walk: Walk): WrittenField {
  if (!isFile) throw walk.fail("expected a file", path)
  if (walk.pictures >= MAX_PICTURES) throw walk.fail("a body has too many pictures", path)
  const { mediaType } = sniffMedia(bytes, bytes.length)
  const ending = ENDINGS.get(mediaType)
  if (ending === undefined) throw walk.fail("a file is not a picture of an allowed type", path)
  walk.items.push({ kind: "bytes", role: walk.role, channel: "image", choice: 0, path, bytes })
  return { name, bytes, mediaType, fileName: `picture-${walk.pictures++}.${ending}` }
}

function textOf({ name, isFile, bytes }: FormPart, walk: Walk): unknown {
  if (isFile) throw walk.fail("the form has a file of an unknown name", "", "unsupported_parameter")
  const text = decode(bytes)
  if (NUMBERS.has(name)) {
    if (!/^\d{1,6}$/.test(text)) throw walk.fail("expected a whole number within its limits", name)
    return Number(text)
  }
  if (FLAGS.has(name)) {
    if (text !== "true" && text !== "false") throw walk.fail("expected true or false", name)
    return text === "true"
  }
  return text
}
