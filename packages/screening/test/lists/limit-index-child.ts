/** Builds an index under a limit on the size of files; prints the code it fails with: `node limit-index-child.ts FOLDER`. */
import { join } from "node:path"
import { buildIndex } from "../../src/lists/build-index.ts"

const [folder = ""] = process.argv.slice(2)

const keeper = {
  signer: { keyId: "x", sign: () => new Uint8Array(64) },
  verifier: { keyId: "00112233aabbccdd", verify: () => true },
  clock: { now: () => new Date() },
}
// Without a handler, the limit's signal would end the process before the write fails.
process.on("SIGXFSZ", () => undefined)
const outcome = await buildIndex({ listsDir: join(folder, "lists"), indexDir: join(folder, "index") }, keeper).then(
  () => "built",
  (error: { code?: string }) => error.code ?? "unknown",
)
process.stdout.write(`${outcome}\n`)
