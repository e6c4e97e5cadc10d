import type { IncomingMessage } from "node:http"
import { parseStrictJson } from "@nightlight/core"
import { type Blindness, isCardBytes, isFound, type Leaf, leavesOf } from "./leaves.ts"
import type { Switch } from "./switches.ts"

/** Which holes are open. */
export interface Holes {
  readonly open: ReadonlySet<string>
  readonly blindIn: readonly RegExp[]
  readonly blindOut: readonly RegExp[]
  readonly blindness: Blindness
}

/** Opens holes by name. */
export function holesOf(switches: readonly Switch[]): Holes {
  return {
    open: new Set(switches.map(({ name }) => name)),
    blindIn: switches.flatMap(({ blindIn }) => blindIn ?? []),
    blindOut: switches.flatMap(({ blindOut }) => blindOut ?? []),
    blindness: {
      pictures: switches.flatMap(({ blindPictures }) => blindPictures ?? []),
      words: switches.flatMap(({ blindWords }) => blindWords ?? []),
      isApart: switches.some(({ name }) => name === "parts-read-apart"),
    },
  }
}

/** A request that may pass, or the reason for its refusal. */
export type Read =
  | { readonly kind: "refused"; readonly status: number; readonly code: string }
  | { readonly kind: "found" }
  | {
      readonly kind: "clear"
      readonly bytes: Buffer | undefined
      readonly contentType: string | undefined
      readonly json: Readonly<Record<string, unknown>>
    }

/** Reads a request strictly, except for open holes. */
export async function readRequest(
  request: IncomingMessage,
  endpoint: string,
  bytes: Buffer,
  marker: string,
  holes: Holes,
): Promise<Read> {
  const { open } = holes
  const contentType = request.headers["content-type"] ?? ""
  if (request.headers["content-encoding"] !== undefined) {
    if (!open.has("packed-bodies-forwarded")) return { kind: "refused", status: 415, code: "unsupported_media_type" }
    return { kind: "clear", bytes, contentType, json: {} }
  }
  if (request.method === "GET") return { kind: "clear", bytes: undefined, contentType: undefined, json: {} }
  const isUnchecked = open.has("header-switches-checks-off") && request.headers["x-portkey-config"] !== undefined
  if (contentType.startsWith("multipart/form-data")) return readForm(endpoint, bytes, contentType, marker, holes)
  if (contentType !== "application/json") return { kind: "refused", status: 415, code: "unsupported_media_type" }
  const json = parse(bytes, open.has("raw-bytes-forwarded"))
  if (json === undefined) return { kind: "refused", status: 400, code: "invalid_body" }
  if (!isAllowed(endpoint, json, open)) return { kind: "refused", status: 400, code: "unsupported_parameter" }
  const seen = leavesOf(lookedAt(json, open)).filter(({ path }) => !isBlind(holes.blindIn, `${endpoint}:${path}`))
  if (!isUnchecked && isFound(seen, marker, holes.blindness)) return { kind: "found" }
  const keeps = endpoint === "chat" || endpoint === "responses"
  const sent = keeps && !open.has("stored") ? { ...json, store: false } : json
  const body = open.has("raw-bytes-forwarded") ? bytes : Buffer.from(JSON.stringify(sent))
  return { kind: "clear", bytes: body, contentType: "application/json", json }
}

/** Whether a place is in one of the blind spots. */
export function isBlind(spots: readonly RegExp[], place: string): boolean {
  return spots.some((spot) => spot.test(place))
}

function parse(bytes: Buffer, isLax: boolean): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = isLax ? JSON.parse(bytes.toString()) : parseStrictJson(bytes)
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function lookedAt(json: Readonly<Record<string, unknown>>, open: ReadonlySet<string>): unknown {
  const messages = json["messages"]
  return open.has("last-message-only") && Array.isArray(messages) ? { messages: messages.slice(-1) } : json
}

/** Refuses fields and parts whose content cannot be inspected. */
function isAllowed(endpoint: string, json: Readonly<Record<string, unknown>>, open: ReadonlySet<string>): boolean {
  const text = JSON.stringify(json)
  if (endpoint === "chat" && !Array.isArray(json["messages"])) return false
  if (endpoint === "embeddings" && Array.isArray(json["input"]) && typeof json["input"][0] !== "string") {
    if (!open.has("token-numbers-forwarded")) return false
  }
  const refused: readonly (readonly [boolean, string])[] = [
    [json["store"] === true, "stored"],
    [json["background"] === true, "background"],
    [json["previous_response_id"] != null || json["conversation"] != null, "earlier-responses"],
    [endpoint === "responses" && json["prompt"] != null, "prompt-templates"],
    [/"(?:image_)?url":"(?!data:)/.test(text), "links-passed-on"],
    [/"type":"(?:file|input_audio|input_file|file_search)"/.test(text), ""],
  ]
  return refused.every(([applies, hole]) => !applies || open.has(hole))
}

async function readForm(
  endpoint: string,
  bytes: Buffer,
  contentType: string,
  marker: string,
  { open, blindIn }: Holes,
): Promise<Read> {
  const given = await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } }).formData()
  const rest = new FormData()
  const leaves: Leaf[] = []
  for (const [name, value] of given) {
    const isSeen = !isBlind(blindIn, `${endpoint}:${name}`)
    leaves.push({ path: name, text: name })
    if (typeof value === "string") {
      if (isSeen) leaves.push({ path: name, text: value })
      rest.append(name, value)
      continue
    }
    leaves.push({ path: name, text: value.name })
    const isTrusted = open.has("declared-type-believed") && value.type !== "image/png"
    if (isSeen && !isTrusted && isCardBytes(new Uint8Array(await value.arrayBuffer()))) return { kind: "found" }
    rest.append(name, value, "picture.png")
  }
  if (isFound(leaves, marker)) return { kind: "found" }
  const built = new Response(rest)
  const body = Buffer.from(await built.arrayBuffer())
  return {
    kind: "clear",
    bytes: body,
    contentType: built.headers.get("content-type") ?? "",
    json: { stream: rest.get("stream") === "true" },
  }
}
