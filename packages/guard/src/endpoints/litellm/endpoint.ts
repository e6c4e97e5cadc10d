/**
 * `POST /beta/litellm_basic_guardrail_api`: LiteLLM's generic guardrail contract, answered by the guard itself.
 *
 * Fields that LiteLLM adds from version to version are inspected, not refused, since nothing is forwarded.
 *
 * Source: LiteLLM documentation, adding_provider/generic_guardrail_api.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import type { Role } from "../../inspect/inspectable.ts"
import type { Payload } from "../../inspect/payload.ts"
import { pictureBase64, pictureUrl } from "../../inspect/pictures.ts"
import { anyJson, byType, list, oneOf, type Shape, text, withRole } from "../../inspect/shape.ts"
import type { Walk } from "../../inspect/walk.ts"
import { jsonPayload, readJsonRequest } from "../json-endpoint.ts"
import { openai } from "../openai/dialect.ts"
import type { ServedEndpoint, ServedRequest } from "../served.ts"

const IS_URL = /^(?:data:|https?:\/\/)/i

/** Pictures by link, `data:` URL or base64, each inspected once: LiteLLM names most of them twice. */
const seen = new WeakMap<Walk, Set<string>>()
const picture: Shape = (value, path, walk) => {
  if (typeof value !== "string") throw walk.fail("expected a picture", path)
  const known = seen.get(walk) ?? new Set()
  seen.set(walk, known)
  if (known.has(value)) return null
  known.add(value)
  return IS_URL.test(value) ? pictureUrl(value, path, walk) : pictureBase64(value, path, walk)
}

/** The role of a message by its `role` field. */
const ROLES: ReadonlyMap<unknown, Role> = new Map([
  ["system", "system"],
  ["developer", "system"],
  ["user", "user"],
  ["assistant", "assistant"],
  ["tool", "tool"],
  ["function", "tool"],
])

/** Names of parts and calls, which are not part of a message's text. */
const TYPES: ReadonlySet<unknown> = new Set([
  "text",
  "image_url",
  "input_text",
  "input_image",
  "output_text",
  "refusal",
  "function",
  "custom",
  "message",
])

/** Messages as they were given to LiteLLM: pictures are read as pictures, everything else as text. */
const content: Shape = (value, path, walk) => {
  if (Array.isArray(value)) return list(content)(value, path, walk)
  if (typeof value === "string") {
    return /^data:image\//i.test(value) ? picture(value, path, walk) : text("text")(value, path, walk)
  }
  if (typeof value !== "object" || value === null) return anyJson("text")(value, path, walk)
  const speaker = ROLES.get((value as { readonly role?: unknown }).role)
  return speaker === undefined ? fields(value, path, walk) : withRole(speaker, fields)(value, path, walk)
}

const fields: Shape = (value, path, walk) => {
  for (const [index, [name, field]] of Object.entries(value as object).entries()) {
    const place = `${path}{${index}}`
    text("label")(name, place, walk)
    if ((name === "role" && ROLES.has(field)) || (name === "type" && TYPES.has(field)))
      text("label")(field, `${place}.value`, walk)
    else if (name !== "image_url") content(field, `${place}.value`, walk)
    else imageUrl(field, `${place}.value`, walk)
  }
  return null
}

const imageUrl: Shape = byType({
  string: picture,
  object: (value, path, walk) => {
    const { url, ...rest } = value as Record<string, unknown>
    picture(url, `${path}.url`, walk)
    return content(rest, path, walk)
  },
})

const anything = anyJson("label")

const FIELDS: ReadonlyMap<string, Shape> = new Map(
  Object.entries({
    input_type: oneOf("request", "response"),
    texts: byType({ array: list(text("text"), 65_536), null: () => null }),
    images: byType({ array: list(picture), null: () => null }),
    structured_messages: content,
    tools: withRole("system", anyJson("definition")),
    tool_calls: withRole("assistant", anyJson("tool_call")),
  }),
)

const shape: Shape = (value, path, walk) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw walk.fail("expected an object", path)
  const given = value as Record<string, unknown>
  if (!("input_type" in given)) throw walk.fail("a field is missing", "input_type")
  let extra = 0
  for (const [name, field] of Object.entries(given)) {
    const known = FIELDS.get(name)
    if (known !== undefined) known(field, name, walk)
    else {
      text("label")(name, `extra[${extra}].name`, walk)
      anything(field, `extra[${extra++}]`, walk)
    }
  }
  return { input_type: given["input_type"] as JsonValue }
}

/** LiteLLM's guardrail. */
export const litellm: ServedEndpoint = {
  name: "litellm",
  route: "/beta/litellm_basic_guardrail_api",
  dialect: openai,
  surfaces: [{ directions: ["input", "output"], media: ["text", "image"] }],
  request: (raw): ServedRequest => {
    const { copy, walk } = readJsonRequest(raw, shape, "user")
    const direction = copy["input_type"] === "response" ? "output" : "input"
    return { items: walk.items, refs: walk.refs, direction, inputs: 1 }
  },
  render: ([outcome], _request, message): Payload =>
    jsonPayload(outcome?.action === "pass" ? { action: "NONE" } : { action: "BLOCKED", blocked_reason: message }),
}
