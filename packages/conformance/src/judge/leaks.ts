/**
 * Finds planted words and pictures in received data, also spread over pieces, respelled or encoded.
 * @module
 */
import type { Planted } from "../case/case.ts"
import { joinedOf, leavesOf, type Received, textsOf } from "../client/received.ts"
import type { Seen } from "../mock/mock-upstream.ts"

/** Whether a planted word, or enough of a planted picture, reached the client. */
export function reachedClient(received: Received, planted: Planted): boolean {
  const texts = textsOf(received)
  return holdsAny(texts, planted) || holdsPicture(received.bytes, planted)
}

/** Whether a text reached the client. */
export function clientHas(received: Received, word: string): boolean {
  return textsOf(received).some((text) => holdsWord(text, word))
}

/** Whether a request contained a planted word or picture, also one spread over neighbouring strings. */
export function reachedUpstream(seen: readonly Seen[], planted: Planted): boolean {
  return seen.some(({ path, headers, bytes, json }) => {
    const texts = [
      path,
      ...Object.values(headers).flat(),
      Buffer.from(bytes).toString(),
      ...leavesOf(json),
      ...joinedOf(json),
    ]
    return (
      holdsAny(
        texts.filter((text) => text !== undefined),
        planted,
      ) || holdsPicture(bytes, planted)
    )
  })
}

function holdsAny(texts: readonly string[], { word, traces = [] }: Planted): boolean {
  if (texts.some((text) => holdsWord(text, word))) return true
  return traces.length > 0 && traces.every((trace) => texts.some((text) => text.includes(trace)))
}

/** Whether a reader of the text sees the word. */
export function holdsWord(text: string, word: string): boolean {
  return normalise(text).includes(normalise(word))
}

/** Normalises case, width, invisible characters and look-alikes, which do not hide a word from a reader. */
function normalise(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, "")
    .replace(/[аеоіх]/g, (letter) => LOOK_ALIKES[letter] ?? letter)
}

const LOOK_ALIKES: Readonly<Record<string, string>> = { а: "a", е: "e", о: "o", і: "i", х: "x" }

/** Whether bytes contain a piece of the picture after its headers, as bytes or as base64. */
function holdsPicture(bytes: Uint8Array, { picture }: Planted): boolean {
  const body = Buffer.from(bytes)
  const file = Buffer.from(picture)
  const base64 = file.toString("base64")
  const from = Math.trunc(file.length * PIECE_OFFSET_SHARE)
  const digitsFrom = Math.trunc(base64.length * PIECE_OFFSET_SHARE)
  return body.includes(file.subarray(from, from + 80)) || body.includes(base64.slice(digitsFrom, digitsFrom + 100))
}

/** Position of that piece in the file: here every format has pixel data, which differs between pictures. */
const PIECE_OFFSET_SHARE = 0.75
