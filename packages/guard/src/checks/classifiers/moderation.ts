/**
 * Any service that answers as OpenAI's moderation endpoint does.
 *
 * Source: openai-node, `src/resources/moderations.ts`. `sexual/minors` and others apply to text only: a category that
 * was not applied to an input is never taken as clean.
 * @module
 */
import { DependencyError, RequestError, SNIFF_BYTES, sniffMedia, systemClock } from "@nightlight/core"
import { z } from "zod"
import type { BytesPart } from "../../inspect/inspectable.ts"
import type { Check, Signal } from "../check.ts"
import { type ClassifierOptions, classifier, limitsOf } from "./classifier.ts"
import { messagePieces } from "./conversation/pieces.ts"
import { turnsOf } from "./conversation/turns.ts"
import { isScore, type LabelRule, signalsOf } from "./label-rules.ts"
import { malformed } from "./remote/service.ts"

/** The service, its model and the thresholds by category. */
export interface ModerationOptions extends ClassifierOptions {
  /** Such as `omni-moderation-latest`. */
  readonly model: string
  /** Categories by their API names. */
  readonly rules: readonly LabelRule[]
  /** Whether pictures are sent; only categories that apply to pictures count for them. */
  readonly images: boolean
  /**
   * Until when the recorded legal basis for sending pictures holds, ISO 8601; absent: without end. Afterwards the check
   * fails.
   */
  readonly imagesUntil?: string
}

/** Categories that apply to text only. */
export const TEXT_ONLY: ReadonlySet<string> = new Set([
  "sexual/minors",
  "harassment",
  "harassment/threatening",
  "hate",
  "hate/threatening",
  "illicit",
  "illicit/violent",
])

const Answer = z.object({
  results: z.array(
    z.object({
      category_scores: z.record(z.string(), z.number()),
      category_applied_input_types: z.record(z.string(), z.array(z.string())).exactOptional(),
    }),
  ),
})
type Result = z.infer<typeof Answer>["results"][number]

/** Texts of one question. */
const BATCH = 32

/**
 * Makes the check.
 *
 * @throws {RequestError} `config_invalid` where pictures are to be sent and no rule's category applies to pictures.
 */
export function createModeration(options: ModerationOptions): Check {
  const { name, rules, images, imagesUntil, service, path, model, clock = systemClock } = options
  const forImages = rules.filter(({ label }) => !TEXT_ONLY.has(label))
  if (images && forImages.length === 0) {
    throw new RequestError("config_invalid", `no category of ${name} applies to pictures`)
  }
  const limits = limitsOf(options)
  const ask = async (input: unknown, expected: number, signal: AbortSignal): Promise<readonly Result[]> => {
    const answer = Answer.safeParse(await service.ask(path, { model, input }, signal))
    if (!answer.success || answer.data.results.length !== expected) throw malformed("results")
    return answer.data.results
  }
  return classifier(options, images ? ["text", "image"] : ["text"], async (items, { direction }, inquiry) => {
    const ofTexts = await inquiry.texts(messagePieces(turnsOf(items, direction), limits), {
      questionOf: ({ text }) => ({ model, input: text }),
      batch: BATCH,
      ask: async (batch, signal) => {
        const texts = batch.map(({ text }) => text)
        const results = await ask(texts, batch.length, signal)
        return results.map((result, index) => judge(name, rules, result, "text", batch[index]?.items ?? []))
      },
    })
    const pictures = items.flatMap((item, index) => (item.kind === "bytes" ? [{ item, at: index }] : []))
    if (pictures.length > 0 && Date.parse(imagesUntil ?? "") <= clock.now().getTime()) {
      throw new DependencyError("unavailable", "the recorded basis for sending pictures has ended", {
        details: { cause: "basis_ended" },
      })
    }
    const ofPictures = await inquiry.pictures(pictures, async ({ item, at }, signal) => {
      const input = [{ type: "image_url", image_url: { url: dataUrl(item) } }]
      const [result] = await ask(input, 1, signal)
      return judge(name, forImages, result as Result, "image", [at])
    })
    return [...ofTexts, ...ofPictures]
  })
}

function judge(
  name: string,
  rules: readonly LabelRule[],
  { category_scores: scores, category_applied_input_types: applied }: Result,
  medium: "text" | "image",
  items: readonly number[],
): Signal[] {
  for (const { label } of rules) {
    if (!isScore(scores[label])) throw malformed("score")
    // Where the answer lists the input types it applied, this medium must be among them; for pictures it must list
    // them.
    const isCovered = applied?.[label]?.includes(medium) ?? (applied === undefined && medium === "text")
    if (!isCovered) throw malformed("input_type")
  }
  return signalsOf(name, rules, (label) => scores[label], items)
}

function dataUrl({ bytes }: BytesPart): string {
  const type = sniffMedia(bytes.subarray(0, SNIFF_BYTES), bytes.length).mediaType
  return `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64")}`
}
