/**
 * Prints the results of a decoder and a rendition that need isolation, then the found isolation, twice at once and once
 * more, the isolation in which a decoder starts, and again the results of those that need it.
 * @module
 */
import { createDeriver, findIsolation, openDecoder } from "../../src/index.ts"

const SMALL = { readRoots: [], processes: 1, profile: "fullres", kernel: "fast" } as const
const RENDITION = { sidePx: 64, blurSigma: 0, greyscale: true }

async function outcomeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "started",
    (error: { readonly code: string }) => error.code,
  )
}

async function startIsolated(): Promise<readonly string[]> {
  const opening = openDecoder({ ...SMALL, isolation: "needed" })
  const opened = await outcomeOf(opening.then((decoder) => decoder[Symbol.asyncDispose]()))
  return [opened, await outcomeOf(createDeriver({ isolation: "needed" }).derive(Buffer.from("words"), RENDITION))]
}

const before = await startIsolated()
const found = await Promise.all([findIsolation(), findIsolation()])
await using decoder = await openDecoder(SMALL)
const isolations = [...found, await findIsolation(), decoder.isolation]
console.log(JSON.stringify({ isolations, isolated: [...before, ...(await startIsolated())] }))
