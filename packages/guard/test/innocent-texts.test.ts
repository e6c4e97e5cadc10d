import { MINUTE_MS } from "@nightlight/core"
import { CONFIG, startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { completion } from "@nightlight/dev-env/guard/upstream"
import { picture } from "@nightlight/dev-env/guard/workspace"
import sharp from "sharp"
import { afterAll, beforeAll, expect, it } from "vitest"
import { bitmapOf, iconOf } from "./support/bitmap.ts"
import { KINDS, PICTURE_KINDS } from "./support/innocent/kinds.ts"
import { chance } from "./support/innocent/random.ts"

/** Ten thousand in `npm run verify:long`. */
const MESSAGES = process.env["NIGHTLIGHT_LONG"] === "1" ? 10_000 : 600
/** Messages of one call. */
const BATCH_SIZE = 50

const RULES = `version: 1
rules:
  - { name: stones, phrases: ["quartz umbrella violet", "forbidden words"] }
  - { name: number, patterns: ["quartz [0-9]{2,4}"] }
`

let test: TestGuard
beforeAll(async () => {
  test = await startTestGuard([await picture(1)], {
    config: CONFIG.replace("patterns.yaml", "stones.yaml"),
    files: { "stones.yaml": RULES },
  })
  test.upstream.answer = completion("hello")
})
afterAll(async () => test[Symbol.asyncDispose]())

/** Harmless pictures of several formats, none of them listed. */
async function harmless(): Promise<Buffer[]> {
  const seeds = [3, 4, 5]
  const pngs = await Promise.all(seeds.map((seed) => picture(seed, 40)))
  const others = pngs.flatMap((png) => [
    sharp(png).jpeg({ quality: 60 }).toBuffer(),
    sharp(png).webp({ quality: 60 }).toBuffer(),
    sharp(png).gif().toBuffer(),
    sharp(png).avif({ quality: 40 }).toBuffer(),
    bitmapOf(png),
    iconOf(png),
  ])
  const pixels = [
    "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==",
  ].map((one) => Buffer.from(one, "base64"))
  return [...pngs, ...(await Promise.all(others)), ...pixels]
}

async function passes(messages: readonly string[]): Promise<boolean> {
  const answer = await fetch(`${test.guard.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages: messages.map((content) => ({ role: "user", content })) }),
  })
  return answer.status === 200 && (await answer.text()).includes("hello")
}

it(`the guard lets ${MESSAGES} innocent messages pass`, { timeout: 3 * MINUTE_MS }, async () => {
  const pictures = await harmless()
  const [kinds, pictureKinds] = [Object.entries(KINDS), Object.entries(PICTURE_KINDS)]
  const messages = Array.from({ length: MESSAGES }, (_, index) => {
    const some = index % 25 === 0 ? pictureKinds : kinds
    const turn = index % 25 === 0 ? index / 25 : index
    const [name, make] = some[turn % some.length] as (typeof some)[number]
    return { name, text: make(chance(index + 1), pictures) }
  })
  const stopped: string[] = []
  for (let from = 0; from < messages.length; from += BATCH_SIZE) {
    const some = messages.slice(from, from + BATCH_SIZE)
    if (await passes(some.map(({ text }) => text))) continue
    for (const { name, text } of some) if (!(await passes([text]))) stopped.push(`${name}: ${text.slice(0, 200)}`)
  }
  expect(stopped).toEqual([])
})
