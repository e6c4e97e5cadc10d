/**
 * Any detector over HTTP: a question from the operator's template, and scores by label from its answer.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { Coverage } from "../../inspect/surface.ts"
import type { Check, CheckContext, Signal } from "../check.ts"
import { type ClassifierOptions, classifier, limitsOf } from "./classifier.ts"
import { conversationPieces, messagePieces, type Piece } from "./conversation/pieces.ts"
import { turnsOf } from "./conversation/turns.ts"
import { isScore, type LabelRule, signalsOf } from "./label-rules.ts"
import { malformed } from "./remote/service.ts"

/**
 * JSON in which the strings `{{text}}`, `{{image}}`, `{{direction}}` and `{{role}}` are replaced. Only whole strings
 * are, so that a template cannot be put together from parts.
 */
export type Template = string | number | boolean | null | readonly Template[] | { readonly [key: string]: Template }

/** Where an answer holds the scores. Pointers as in RFC 6901. */
export interface AnswerForm {
  /** Points to an object of scores by label, or to a list of objects with one label and one score each. */
  readonly labels: string
  /** For a list: the keys of label and score. */
  readonly list?: { readonly label: string; readonly score: string }
  /** Values that an answer must hold to be accepted, by pointer. */
  readonly expect?: Readonly<Record<string, string | number | boolean>>
}

/** A detector's request template, answer form and rules. */
export interface HttpDetectorOptions extends ClassifierOptions {
  readonly media: Coverage["media"]
  readonly request: Template
  /** The unit of one question: a message, or the conversation as one text with its speakers. */
  readonly ask: "message" | "conversation"
  readonly answer: AnswerForm
  readonly rules: readonly LabelRule[]
}

/**
 * Makes the check. Every answer must hold every label that a rule names: a missing score is not a clean one.
 *
 * @throws {RequestError} `config_invalid` where the template has no place for the content.
 */
export function createHttpDetector(options: HttpDetectorOptions): Check {
  const { name, service, path, media, request, answer, rules, ask } = options
  for (const medium of media) {
    if (!hasString(request, `{{${medium}}}`)) {
      throw new RequestError("config_invalid", `the request of ${name} has no place for ${medium}`)
    }
  }
  const limits = limitsOf(options)
  return classifier(options, media, async (items, { direction, requestItems = [] }, inquiry) => {
    const judge = async (given: Given, indexes: readonly number[], signal: AbortSignal): Promise<Signal[]> => {
      const said = await service.ask(path, fill(request, given), signal)
      const scores = scoresOf(said, answer)
      for (const { label } of rules) if (!scores.has(label)) throw malformed("label")
      return signalsOf(name, rules, (label) => scores.get(label), indexes)
    }
    const givenOf = ({ text, role }: Piece): Given => ({ text, direction, role })
    const before = direction === "output" && ask === "conversation" ? turnsOf(requestItems, "input") : []
    const turns = media.includes("text") ? turnsOf(items, direction) : []
    const pieces = ask === "conversation" ? conversationPieces(turns, limits, before) : messagePieces(turns, limits)
    const ofTexts = await inquiry.texts(pieces, {
      questionOf: (piece) => fill(request, givenOf(piece)),
      ask: async (batch, signal) => Promise.all(batch.map(async (piece) => judge(givenOf(piece), piece.items, signal))),
    })
    const pictures = items.flatMap((item, index) => (item.kind === "bytes" ? [{ item, at: index }] : []))
    const ofPictures = await inquiry.pictures(pictures, async ({ item: { bytes, role }, at: position }, signal) =>
      judge({ image: Buffer.from(bytes).toString("base64"), direction, role }, [position], signal),
    )
    return [...ofTexts, ...ofPictures]
  })
}

interface Given {
  readonly text?: string
  readonly image?: string
  readonly direction: CheckContext["direction"]
  readonly role: string
}

function fill(template: Template, given: Given): unknown {
  if (typeof template === "string") {
    const name = /^\{\{(text|image|direction|role)\}\}$/.exec(template)?.[1]
    return name === undefined ? template : (given[name as keyof Given] ?? null)
  }
  if (Array.isArray(template)) return template.map((part: Template) => fill(part, given))
  if (typeof template !== "object" || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([key, part]) => [key, fill(part as Template, given)]))
}

function hasString(template: Template, sought: string): boolean {
  if (typeof template !== "object" || template === null) return template === sought
  return Object.values(template).some((part) => hasString(part as Template, sought))
}

function scoresOf(answer: unknown, { labels, list, expect = {} }: AnswerForm): ReadonlyMap<string, number> {
  for (const [pointer, value] of Object.entries(expect))
    if (valueAt(answer, pointer) !== value) throw malformed("expected")
  const said = valueAt(answer, labels)
  if (typeof said !== "object" || said === null || Array.isArray(said) !== (list !== undefined))
    throw malformed("labels")
  const entries: (readonly [unknown, unknown])[] =
    list === undefined
      ? Object.entries(said)
      : (said as readonly unknown[]).map((part) => [valueAt(part, `/${list.label}`), valueAt(part, `/${list.score}`)])
  const scores = new Map<string, number>()
  for (const [label, score] of entries) {
    if (typeof label !== "string" || !isScore(score) || scores.has(label)) throw malformed("score")
    scores.set(label, score)
  }
  return scores
}

function valueAt(value: unknown, pointer: string): unknown {
  let found = value
  for (const key of pointer.split("/").slice(1)) {
    if (typeof found !== "object" || found === null) return undefined
    const own = key.replaceAll("~1", "/").replaceAll("~0", "~")
    found = Object.hasOwn(found, own) ? (found as Readonly<Record<string, unknown>>)[own] : undefined
  }
  return found
}
