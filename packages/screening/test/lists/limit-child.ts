/** Imports a list under a limit on the size of files; prints the code it fails with: `node limit-child.ts LISTS_DIR NAME`. */
import type { ListItem } from "@nightlight/core"
import { importList } from "../../src/lists/import-list.ts"

const [listsDir = "", name = ""] = process.argv.slice(2)

async function* items(): AsyncGenerator<ListItem> {
  for (let line = 1; line <= 50_000; line++) {
    const hash = line.toString(16).padStart(64, "0")
    yield { ok: true, line, record: { hashType: "pdq", hash, category: "A1" } }
  }
}

const keeper = {
  signer: { keyId: "x", sign: () => new Uint8Array(64) },
  verifier: { keyId: "00112233aabbccdd", verify: () => true },
  clock: { now: () => new Date() },
}
// Without a handler the limit's signal ends the process before the write can fail.
process.on("SIGXFSZ", () => undefined)
const outcome = await importList({ listsDir, name, items: items() }, keeper).then(
  () => "imported",
  (error: { code?: string }) => error.code ?? "unknown",
)
process.stdout.write(`${outcome}\n`)
