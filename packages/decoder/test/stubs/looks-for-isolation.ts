/**
 * Says which isolation it finds, twice at once and once more, then which one a rendition and a decoder start in.
 * @module
 */
import { createDeriver, findIsolation, openDecoder } from "../../src/index.ts"

const found = await Promise.all([findIsolation(), findIsolation()])
await using decoder = await openDecoder({ readRoots: [], processes: 1, profile: "fullres", kernel: "fast" })
const made = await createDeriver().derive(Buffer.from("words"), { sidePx: 64, blurSigma: 0, greyscale: true })
console.log(JSON.stringify([...found, await findIsolation(), decoder.isolation, made.kind]))
