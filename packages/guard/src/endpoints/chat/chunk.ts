/**
 * Fields of a chunk of a streamed chat completion.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { GuardRefusal } from "../../errors.ts"
import type { Inspectable } from "../../inspect/inspectable.ts"
import { byType, integer, list, nullable, object, omitted, oneOf, type Shape, text } from "../../inspect/shape.ts"
import { readUpstreamJson } from "../../inspect/strict-json.ts"
import { Walk } from "../../inspect/walk.ts"
import { usage } from "../usage.ts"
import { finishReason } from "./answer.ts"
import { moderation, serviceTier } from "./parts.ts"
import type { CallPiece } from "./tool-calls.ts"

/** Fields of a delta whose text grows over chunks. */
export const GROWING = ["reasoning_content", "reasoning", "content", "refusal"] as const

/** One choice's part of a chunk. */
export interface ChunkChoice {
  readonly index: number
  readonly delta: Readonly<Partial<Record<(typeof GROWING)[number], string | null>>> & {
    readonly tool_calls?: readonly CallPiece[] | null
    readonly function_call?: { readonly name?: string | null; readonly arguments?: string | null } | null
  }
  readonly finish_reason?: string | null
}

/** A parsed chunk. */
export interface Chunk {
  readonly head: {
    readonly id: string
    readonly created: number
    readonly model: string
    readonly service_tier?: string
    readonly system_fingerprint?: string
  }
  readonly choices: readonly ChunkChoice[]
  readonly usage?: JsonValue
  readonly moderation?: JsonValue
  /** The items of the head and the moderation to be checked. */
  readonly items: readonly Inspectable[]
  /** Number of fields that were left out. */
  readonly dropped: number
}

/** Text that grows over chunks; the codec collects it. */
const growing: Shape = byType({
  string: (value, path, walk) => {
    if (!(value as string).isWellFormed()) throw walk.fail("a string holds half a character", path)
    return value as string
  },
  null: () => null,
})

const callPiece = object(
  { index: integer(0, 1023) },
  {
    id: growing,
    type: oneOf("function", "custom"),
    function: object({}, { name: growing, arguments: growing }),
    custom: object({}, { name: growing, input: growing }),
  },
)

const delta = object(
  {},
  {
    role: omitted,
    content: growing,
    refusal: growing,
    reasoning_content: growing,
    reasoning: growing,
    tool_calls: nullable(list(callPiece)),
    function_call: nullable(object({}, { name: growing, arguments: growing })),
  },
)

const chunkShape = object(
  {
    choices: list(
      object({ index: integer(0, 127), delta }, { finish_reason: nullable(finishReason), logprobs: omitted }),
      128,
    ),
  },
  {
    id: text("label"),
    object: oneOf("chat.completion.chunk"),
    created: integer(0),
    model: text("label"),
    service_tier: serviceTier,
    system_fingerprint: nullable(text("label")),
    usage: nullable(usage),
    moderation: nullable(moderation),
    obfuscation: omitted,
  },
)

/** Reads a chunk. @throws {GuardRefusal} `upstream_failed` for one that is not of this API, or that is an error. */
export function readChunk(data: string): Chunk {
  const value = readUpstreamJson(data)
  const error = (value as { readonly error?: unknown } | null)?.error
  if (error !== undefined && error !== null) throw new GuardRefusal("upstream_failed", "the upstream reported an error")
  const walk = new Walk("drop", "assistant")
  const { id, created, model, service_tier, system_fingerprint, choices, ...rest } = chunkShape(
    value,
    "",
    walk,
  ) as Record<string, JsonValue>
  return compact({
    head: compact({
      id: (id as string | undefined) ?? "",
      created: (created as number | undefined) ?? 0,
      model: (model as string | undefined) ?? "",
      service_tier: typeof service_tier === "string" ? service_tier : undefined,
      system_fingerprint: typeof system_fingerprint === "string" ? system_fingerprint : undefined,
    }),
    choices: choices as unknown as readonly ChunkChoice[],
    usage: rest["usage"] != null ? rest["usage"] : undefined,
    moderation: rest["moderation"] != null ? rest["moderation"] : undefined,
    items: walk.items,
    dropped: walk.dropped,
  })
}
