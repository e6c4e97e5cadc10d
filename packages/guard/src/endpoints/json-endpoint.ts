/**
 * Shared by endpoints with JSON bodies: reading by a table, and writing the copy.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { GuardRefusal } from "../errors.ts"
import type { Role } from "../inspect/inspectable.ts"
import type { Payload } from "../inspect/payload.ts"
import type { Shape } from "../inspect/shape.ts"
import { readBody, readUpstreamJson } from "../inspect/strict-json.ts"
import { Walk } from "../inspect/walk.ts"
import type { RawRequest } from "./endpoint.ts"

/** A JSON object that was read by a table. */
export interface ReadJson {
  readonly copy: Record<string, JsonValue>
  readonly walk: Walk
}

/** Reads a request. @throws {GuardRefusal} for anything its table does not know. */
export function readJsonRequest(raw: RawRequest, shape: Shape, role: Role): ReadJson {
  if (raw.contentType !== "application/json") {
    throw new GuardRefusal("unsupported_media_type", "the body must be application/json")
  }
  const walk = new Walk("refuse", role)
  return { copy: shape(readBody(raw.bytes), "", walk) as Record<string, JsonValue>, walk }
}

/**
 * Reads a request that may ask for a stream; the upstream is told to store nothing of it.
 *
 * @throws {GuardRefusal} for anything its table does not know.
 */
export function readStreamable(raw: RawRequest, shape: Shape) {
  const { copy, walk } = readJsonRequest(raw, shape, "user")
  const streamed = copy["stream"] === true
  copy["store"] = false
  if (!streamed) delete copy["stream_options"]
  const { items, refs } = walk
  const request = { items, refs, model: copy["model"] as string, streamed, payload: () => jsonPayload(copy) }
  return { copy, request }
}

/** Reads an answer; fields that its table does not know are left out. @throws {GuardRefusal} `upstream_failed`. */
export function readJsonAnswer(bytes: Uint8Array, shape: Shape, role: Role = "assistant"): ReadJson {
  const walk = new Walk("drop", role)
  return { copy: shape(readUpstreamJson(bytes), "", walk) as Record<string, JsonValue>, walk }
}

/** Serialises a JSON value. */
export function jsonPayload(value: JsonValue): Payload {
  return { contentType: "application/json", bytes: Buffer.from(JSON.stringify(value)) }
}
