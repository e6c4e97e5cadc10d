/** Builds an index up to the moment before it is signed, then waits to be killed: `node index-child.ts FOLDER`. */
import { writeSync } from "node:fs"
import { join } from "node:path"
import { buildIndex } from "../../src/lists/build-index.ts"

const [folder = ""] = process.argv.slice(2)

const keeper = {
  signer: { keyId: "x", sign: () => new Uint8Array(64) },
  verifier: { keyId: "00112233aabbccdd", verify: () => true },
  clock: {
    now: (): Date => {
      writeSync(1, "built\n")
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      return new Date()
    },
  },
}
await buildIndex({ listsDir: join(folder, "lists"), indexDir: join(folder, "index") }, keeper)
