/**
 * Opens a decoder and requests a rendition without a free file descriptor, and prints the results.
 * @module
 */
import { closeSync, openSync } from "node:fs"
import { createDeriver, openDecoder } from "../../src/index.ts"

const bytes = Buffer.from("words")
const codeOf = (error: { readonly code: string }) => error.code
const open = () => openDecoder({ readRoots: [], processes: 1, profile: "fullres", kernel: "fast" })
const deriver = createDeriver()
const derive = () => deriver.derive(bytes, { sidePx: 64, blurSigma: 0, greyscale: true }).catch(codeOf)

// Packages are read only at the first start.
await (await open())[Symbol.asyncDispose]()
const held: number[] = []
try {
  for (;;) held.push(openSync("/dev/null", "r"))
} catch {
  // No descriptor is left.
}

const said = [await open().catch(codeOf), await derive()]

for (const fd of held) closeSync(fd)
console.log(JSON.stringify([...said, await derive()]))
