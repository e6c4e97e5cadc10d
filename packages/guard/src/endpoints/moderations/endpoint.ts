/**
 * `POST /v1/moderations`, answered by the guard itself in the API's own form.
 *
 * There is one verdict: whatever a check found, and wherever, the answer is the same. Categories that this service does
 * not judge are never flagged.
 * @module
 */
import { randomUUID } from "node:crypto"
import type { JsonValue } from "@nightlight/core"
import type { Outcome } from "../../engine/outcome.ts"
import { type Medium, mediumOf } from "../../inspect/inspectable.ts"
import type { Payload } from "../../inspect/payload.ts"
import { pictureUrl } from "../../inspect/pictures.ts"
import { list, nullable, object, oneOf, type Shape, text, variants } from "../../inspect/shape.ts"
import { jsonPayload, readJsonRequest } from "../json-endpoint.ts"
import { openai } from "../openai/dialect.ts"
import type { ServedEndpoint, ServedRequest } from "../served.ts"

/** The category that this service judges. */
const JUDGED = "sexual/minors"

// Every category in the API's order; those of text alone stand in moderation.ts once more, as a rule of ours.
const CATEGORIES = [
  "harassment",
  "harassment/threatening",
  "hate",
  "hate/threatening",
  "illicit",
  "illicit/violent",
  "self-harm",
  "self-harm/instructions",
  "self-harm/intent",
  "sexual",
  JUDGED,
  "violence",
  "violence/graphic",
] as const

const MAX_INPUTS = 256

const said = text("text")

const multimodal = list(
  variants("type", {
    text: object({ type: oneOf("text"), text: said }),
    image_url: object({ type: oneOf("image_url"), image_url: object({ url: pictureUrl }) }),
  }),
  MAX_INPUTS,
)

/** Each text is an input of its own; a list with pictures is one input. */
const input: Shape = (value, path, walk) => {
  if (!Array.isArray(value)) return said(value, path, walk)
  if (!value.every((one) => typeof one === "string")) return multimodal(value, path, walk)
  const each: Shape = (one, at, inner) => {
    inner.choice = Number(/\[(\d+)\]$/.exec(at)?.[1] ?? 0)
    return said(one, at, inner)
  }
  const read = list(each, MAX_INPUTS)(value, path, walk)
  walk.choice = 0
  return read
}

const shape = object({ input }, { model: nullable(text("label")) })

/** Moderation. */
export const moderations: ServedEndpoint = {
  name: "moderations",
  route: "/v1/moderations",
  dialect: openai,
  surfaces: [{ directions: ["input"], media: ["text", "image"] }],
  request: (raw): ServedRequest => {
    const { copy, walk } = readJsonRequest(raw, shape, "user")
    const { input: given } = copy
    const isMany = Array.isArray(given) && given.length > 0 && given.every((one) => typeof one === "string")
    return { items: walk.items, refs: walk.refs, direction: "input", inputs: isMany ? given.length : 1 }
  },
  render: (outcomes, request): Payload =>
    jsonPayload({
      id: `modr-${randomUUID()}`,
      model: "nightlight",
      results: outcomes.map((outcome, index) => resultOf(outcome, mediaOf(request, index))),
    }),
}

/** The media that the input is made of, not those that a check signalled. */
function mediaOf({ items }: ServedRequest, index: number): Medium[] {
  return [...new Set(items.filter(({ choice }) => choice === index).map(mediumOf))].toSorted()
}

function resultOf({ action }: Outcome, media: readonly Medium[]): JsonValue {
  const flagged = action !== "pass"
  const by = (value: (category: string) => JsonValue) =>
    Object.fromEntries(CATEGORIES.map((category) => [category, value(category)]))
  return {
    flagged,
    categories: by((category) => flagged && category === JUDGED),
    category_scores: by((category) => (flagged && category === JUDGED ? 1 : 0)),
    category_applied_input_types: by((category) => (category === JUDGED ? [...media] : [])),
  }
}
