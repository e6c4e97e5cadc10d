/**
 * Chunks of one stream, read. Most differ from one another in one text alone: what was found out of one of them holds for
 * those that are the same but for that text.
 * @module
 */
import { type Chunk, type ChunkChoice, GROWING, readChunk } from "./chunk.ts"

/** A chunk as it is sent, around one text of it. */
interface Template {
  /** What is sent before the text, its quote included. */
  readonly before: string
  readonly after: string
  readonly chunk: Chunk
  readonly choice: ChunkChoice
  readonly field: (typeof GROWING)[number]
}

/** Texts that stand in JSON as they are, and are whole characters. */
const PLAIN = /^[^"\\\p{Cc}\p{Cs}]+$/u
/** A text that no chunk holds by chance; plain. */
const PROBE = "the text of a chunk that was never sent"
/** Templates of one stream: it may have several choices, and texts in several fields. */
const MAX_TEMPLATES = 4
/** How often one is looked for: a stream whose chunks all differ has none. */
const MAX_TRIES = 8
const MAX_TEMPLATE_CHARS = 4096

/** Reads the chunks of one stream. */
export class ChunkReader {
  readonly #templates: Template[] = []
  #tries = 0

  /** Reads a chunk as {@link readChunk} does. @throws as it does. */
  read(data: string): Chunk {
    for (const template of this.#templates) {
      const text = textIn(data, template)
      if (text !== undefined) return filled(template, text)
    }
    const chunk = readChunk(data)
    if (this.#templates.length < MAX_TEMPLATES && this.#tries < MAX_TRIES) this.#learn(data, chunk)
    return chunk
  }

  #learn(data: string, chunk: Chunk): void {
    const [choice] = chunk.choices
    if (choice === undefined || data.length > MAX_TEMPLATE_CHARS) return
    const field = GROWING.find((one) => (choice.delta[one] ?? "") !== "")
    const text = field === undefined ? undefined : choice.delta[field]
    if (field === undefined || text == null || !PLAIN.test(text)) return
    this.#tries++
    const from = data.lastIndexOf(`"${text}"`) + 1
    if (from === 0) return
    const template = { before: data.slice(0, from), after: data.slice(from + text.length), chunk, choice, field }
    if (isTemplate(template)) this.#templates.push(template)
  }
}

/** The text of a chunk that is the template's but for it. */
function textIn(data: string, { before, after }: Template): string | undefined {
  const to = data.length - after.length
  if (to <= before.length || !data.startsWith(before) || !data.endsWith(after)) return undefined
  const text = data.slice(before.length, to)
  return PLAIN.test(text) ? text : undefined
}

function filled({ chunk, choice, field }: Template, text: string): Chunk {
  const [, ...others] = chunk.choices
  return { ...chunk, choices: [{ ...choice, delta: { ...choice.delta, [field]: text } }, ...others] }
}

/** Whether what stands between is a string of JSON, and the text of its field: another text there is read as that text. */
function isTemplate(template: Template): boolean {
  const { before, after } = template
  try {
    return JSON.stringify(readChunk(before + PROBE + after)) === JSON.stringify(filled(template, PROBE))
  } catch {
    return false
  }
}
