/**
 * Has no file descriptor left when a decoder is opened and when a rendition is asked for, and says what came of it.
 * @module
 */
import { closeSync, openSync } from "node:fs"
import { createDeriver, openDecoder } from "../../src/index.ts"

const bytes = Buffer.from("words")
const codeOf = (error: { readonly code: string }) => error.code
const open = () => openDecoder({ readRoots: [], processes: 1, profile: "fullres", kernel: "fast" })
const deriver = createDeriver()
const derive = () => deriver.derive(bytes, { sidePx: 64, blurSigma: 0, greyscale: true }).catch(codeOf)

// What a start reads of packages is read only once.
await (await open())[Symbol.asyncDispose]()
const held: number[] = []
try {
  for (;;) held.push(openSync("/dev/null", "r"))
} catch {
  // That was the last one.
}

const said = [await open().catch(codeOf), await derive()]

for (const fd of held) closeSync(fd)
console.log(JSON.stringify([...said, await derive()]))
