/**
 * Cases about image generations, edits and variations.
 * @module
 */
import { compact } from "@nightlight/core"
import type { ConformanceCase, Planted } from "../case/case.ts"
import { base64Of, bystander } from "../case/markers.ts"
import type { Outgoing } from "../client/send.ts"
import { picturesEnding, picturesStreamEnding } from "../judge/endings.ts"
import { events, json } from "../mock/answer.ts"
import type { Answer } from "../mock/mock-upstream.ts"
import { inputCase, outputCase } from "./twin.ts"
import { pictures } from "./usual.ts"

const BOUNDARY = "nightlight-conformance-boundary"

interface Part {
  readonly name: string
  readonly value: string | Uint8Array
  readonly filename?: string
  readonly type?: string
}

/** A multipart form as browsers and client libraries send it. */
function form(path: string, parts: readonly Part[]): Outgoing {
  const chunks = parts.flatMap(({ name, value, filename, type = "image/png" }) => [
    Buffer.from(
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${
        filename === undefined && typeof value === "string"
          ? ""
          : `; filename="${filename ?? "a.png"}"\r\ncontent-type: ${type}`
      }\r\n\r\n`,
    ),
    Buffer.from(value as Uint8Array),
    Buffer.from("\r\n"),
  ])
  return {
    path,
    headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}` },
    body: Buffer.concat([...chunks, Buffer.from(`--${BOUNDARY}--\r\n`)]),
  }
}

const clean = bystander().picture
/** A call that generates a picture. */
export const generation = (rest: object = {}) => ({
  path: "/images/generations",
  body: { model: "mock-1", prompt: "a lantern", response_format: "b64_json", ...rest },
})
/** A call that edits a picture. */
export const edit = (parts: readonly Part[]) => form("/images/edits", [{ name: "model", value: "mock-1" }, ...parts])
/** Parts of a harmless edit. */
export const usualEdit: readonly Part[] = [
  { name: "image", value: clean },
  { name: "prompt", value: "a lantern" },
]

/** A harmless edit with a streamed answer. */
export const streamedEdit = edit([...usualEdit, { name: "stream", value: "true" }])

/** A call for a variation of a picture. */
export function variation(picture: Uint8Array): Outgoing {
  return form("/images/variations", [{ name: "image", value: picture }])
}

const EDITS: Readonly<Record<string, (planted: Planted) => readonly Part[]>> = {
  prompt: ({ word }) => [
    { name: "image", value: clean },
    { name: "prompt", value: word },
  ],
  picture: ({ picture }) => [
    { name: "image", value: picture },
    { name: "prompt", value: "a lantern" },
  ],
  "second picture": ({ picture }) => [
    { name: "image[]", value: clean },
    { name: "image[]", value: picture },
    { name: "prompt", value: "a lantern" },
  ],
  mask: ({ picture }) => [...usualEdit, { name: "mask", value: picture }],
  "picture under another type": ({ picture }) => [
    { name: "image", value: picture, type: "image/webp", filename: "a.webp" },
    { name: "prompt", value: "a lantern" },
  ],
  "name of a file": ({ word }) => [
    { name: "image", value: clean, filename: `${word}.png` },
    { name: "prompt", value: "a lantern" },
  ],
  "part nobody knows": ({ word }) => [...usualEdit, { name: "x_extra", value: word }],
  "second prompt": ({ word }) => [...usualEdit, { name: "prompt", value: word }],
  "user id": ({ word }) => [...usualEdit, { name: "user", value: word }],
}

const made = (
  endpoint: "images.generations" | "images.edits" | "images.variations",
  channel: string,
  request: Outgoing,
  items: (planted: Planted) => readonly object[],
): ConformanceCase =>
  outputCase({
    endpoint,
    channel,
    request,
    answer: (planted) => json(pictures(items(planted))),
    ending: picturesEnding(items(bystander()).length),
  })

/** A stream of one picture, with an unfinished one before it. */
const streamed = (
  endpoint: "images.generations" | "images.edits",
  channel: string,
  request: Outgoing,
  { partial, finished, rest }: Made,
): ConformanceCase => {
  return outputCase({
    endpoint,
    channel,
    stream: true,
    request,
    answer: (planted) =>
      pictureStream(
        endpoint,
        compact({
          partial: partial?.(planted),
          finished: finished?.(planted),
          rest: rest?.(planted),
        }),
      ),
    ending: picturesStreamEnding,
    mustArrive: finished !== undefined,
  })
}

/** Answers a stream with an unfinished and a finished picture. Pictures that are not given are harmless. */
export function pictureStream(
  endpoint: "images.generations" | "images.edits",
  {
    partial = bystander(),
    finished = bystander(),
    rest = {},
  }: { readonly partial?: Planted; readonly finished?: Planted; readonly rest?: object },
): Answer {
  const prefix = endpoint === "images.edits" ? "image_edit" : "image_generation"
  const about = {
    created_at: 1_700_000_000,
    size: "1024x1024",
    quality: "low",
    background: "opaque",
    output_format: "png",
  }
  return events([
    { type: `${prefix}.partial_image`, b64_json: base64Of(partial), partial_image_index: 0, ...about },
    { type: `${prefix}.completed`, b64_json: base64Of(finished), ...about, ...rest },
  ])
}

interface Made {
  readonly partial?: (planted: Planted) => Planted
  readonly finished?: (planted: Planted) => Planted
  readonly rest?: (planted: Planted) => object
}

const itself = (planted: Planted) => planted
const streamOf = generation({ stream: true })

/** Cases about pictures. */
export const IMAGE_CASES: readonly ConformanceCase[] = [
  inputCase({
    endpoint: "images.generations",
    channel: "prompt",
    request: ({ word }) => generation({ prompt: `a lantern, ${word}` }),
  }),
  inputCase({
    endpoint: "images.generations",
    channel: "user id",
    request: ({ word }) => generation({ user: word }),
  }),
  inputCase({
    endpoint: "images.generations",
    channel: "field nobody knows",
    request: ({ word }) => generation({ x_extra: word }),
  }),
  made("images.generations", "picture", generation(), (planted) => [{ b64_json: base64Of(planted) }]),
  made("images.generations", "second picture", generation({ n: 2 }), (planted) => [
    { b64_json: base64Of(bystander()) },
    { b64_json: base64Of(planted) },
  ]),
  made("images.generations", "revised prompt", generation(), ({ word }) => [
    { b64_json: base64Of(bystander()), revised_prompt: word },
  ]),
  streamed("images.generations", "picture", streamOf, { finished: itself }),
  streamed("images.generations", "unfinished picture", streamOf, { partial: itself }),
  streamed("images.generations", "revised prompt", streamOf, { rest: ({ word }) => ({ revised_prompt: word }) }),
  streamed("images.edits", "picture", streamedEdit, { finished: itself }),
  ...Object.entries(EDITS).map(([channel, parts]) =>
    inputCase({ endpoint: "images.edits", channel, request: (planted) => edit(parts(planted)) }),
  ),
  made("images.edits", "picture", edit(usualEdit), (planted) => [{ b64_json: base64Of(planted) }]),
  inputCase({
    endpoint: "images.variations",
    channel: "picture",
    request: ({ picture }) => variation(picture),
  }),
  made("images.variations", "picture", variation(clean), (planted) => [{ b64_json: base64Of(planted) }]),
]
