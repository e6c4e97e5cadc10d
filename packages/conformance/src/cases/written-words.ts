/**
 * The phrase in different writings that a reader sees through: escapes, characters between its letters, markup.
 * @module
 */
import type { ConformanceCase, Planted } from "../case/case.ts"
import { streamEnding, wholeEnding } from "../judge/endings.ts"
import { cut, events, json } from "../mock/answer.ts"
import { chatCompletion, chatEvents } from "../mock/chat.ts"
import { chatCall } from "./chat-input.ts"
import { inputCase, outputCase } from "./twin.ts"

type Write = (word: string) => string

const perLetter =
  (write: (code: number) => string): Write =>
  (word) =>
    word.replace(/[a-z]/g, (letter) => write(letter.charCodeAt(0)))
const hex = (code: number) => code.toString(16)

const WRITTEN: Readonly<Record<string, Write>> = {
  "emoji between words": (word) => word.replace(/[^a-z0-9]+/gi, "\u{1f600}"),
  "emoji within words": (word) => word.replace(/([a-z]{2})([a-z]+)/gi, "$1\u{1f600}$2"),
  "bold mathematical letters": perLetter((code) => String.fromCodePoint(0x1d41a + code - 0x61)),
  "tag characters between": (word) => word.split("").join("\u{e0061}"),
  "html numbers": perLetter((code) => `&#${code};`),
  "long html numbers": perLetter((code) => `&#x${hex(code).padStart(10, "0")};`),
  "html names": (word) => word.split("").join("&InvisibleTimes;"),
  "percent escapes": perLetter((code) => `%${hex(code)}`),
  "javascript escapes": perLetter((code) => `\\x${hex(code)}`),
  "braced escapes": perLetter((code) => `\\u{${hex(code)}}`),
  "unicode escapes": perLetter((code) => `\\u${hex(code).padStart(4, "0")}`),
  markup: (word) => word.replace(/([a-z]{3})/gi, "<b>$1</b>"),
}

/** Length of a streamed piece, characters: short enough to cut escapes. */
const PIECE = 7

const text = (write: Write, { word }: Planted) => `so, ${write(word)} it is`

/** Cases about ways to write the phrase. */
export const WRITTEN_WORD_CASES: readonly ConformanceCase[] = Object.entries(WRITTEN).flatMap(([how, write]) => {
  const about = {
    endpoint: "chat" as const,
    channel: "text",
    fault: `phrase with ${how}`,
    traces: ({ word }: Planted) => [write(word)],
  }
  return [
    inputCase({
      ...about,
      request: (planted) => chatCall({ messages: [{ role: "user", content: text(write, planted) }] }),
    }),
    outputCase({
      ...about,
      request: chatCall(),
      answer: (planted) => json(chatCompletion([{ content: text(write, planted) }])),
      ending: wholeEnding(1),
    }),
    outputCase({
      ...about,
      stream: true,
      request: chatCall({ stream: true }),
      answer: (planted) => events(chatEvents(cut(text(write, planted), PIECE).map((content) => ({ content })))),
      ending: streamEnding,
    }),
  ]
})
