/**
 * Has no file descriptor left when its decoder's child dies and when a rendition is asked for, and says what came of it.
 * @module
 */
import { closeSync, openSync } from "node:fs"
import { createDeriver, openDecoder } from "../../src/index.ts"
import { descendants } from "../processes.ts"

const bytes = Buffer.from("words")
const codeOf = (error: { readonly code: string }) => error.code
await using decoder = await openDecoder({ readRoots: [], processes: 1, profile: "fullres", kernel: "fast" })
const deriver = createDeriver()
const derive = () => deriver.derive(bytes, { sidePx: 64, blurSigma: 0, greyscale: true }).catch(codeOf)
const [child = 0] = descendants()
const held: number[] = []
try {
  for (;;) held.push(openSync("/dev/null", "r"))
} catch {
  // That was the last one.
}

process.kill(child, "SIGKILL")
const said = [await decoder.fingerprint({ kind: "bytes", bytes }).catch(codeOf), await derive()]

for (const fd of held) closeSync(fd)
console.log(JSON.stringify([...said, await derive()]))
