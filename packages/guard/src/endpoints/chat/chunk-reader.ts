/**
 * Reads the chunks of one stream. Most chunks differ in one text only, so what was learnt from one chunk holds for
 * those that are otherwise the same.
 * @module
 */
import { type Chunk, type ChunkChoice, GROWING, readChunk } from "./chunk.ts"

/** A chunk as it is sent, without one of its texts. */
interface Template {
  /** Characters before the text, including its opening quote. */
  readonly before: string
  readonly after: string
  readonly chunk: Chunk
  readonly choice: ChunkChoice
  readonly field: (typeof GROWING)[number]
}

/** Texts that JSON writes unescaped, made of whole characters. */
const PLAIN = /^[^"\\\p{Cc}\p{Cs}]+$/u
/** A plain text that no chunk contains by chance. */
const PROBE = "the text of a chunk that was never sent"
/** Templates of one stream: it may have several choices, and texts in several fields. */
const MAX_TEMPLATES = 4
/** Attempts to find a template: a stream whose chunks all differ has none. */
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

/** The text of a chunk that otherwise equals the template. */
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

/** Whether the gap is a string of JSON and the text of its field, so that another text there is read as that text. */
function isTemplate(template: Template): boolean {
  const { before, after } = template
  try {
    return JSON.stringify(readChunk(before + PROBE + after)) === JSON.stringify(filled(template, PROBE))
  } catch {
    return false
  }
}
