/** Imports a list under a limit on the size of files; prints the code it fails with: `node limit-child.ts LISTS_DIR NAME`. */
import { importList } from "../../src/lists/import-list.ts"
import { madeUpItems } from "./made-up-items.ts"

const [listsDir = "", name = ""] = process.argv.slice(2)

const keeper = {
  signer: { keyId: "x", sign: () => new Uint8Array(64) },
  verifier: { keyId: "00112233aabbccdd", verify: () => true },
  clock: { now: () => new Date() },
}
// Without a handler, the limit's signal would end the process before the write fails.
process.on("SIGXFSZ", () => undefined)
const outcome = await importList({ listsDir, name, items: madeUpItems(50_000) }, keeper).then(
  () => "imported",
  (error: { code?: string }) => error.code ?? "unknown",
)
process.stdout.write(`${outcome}\n`)
