/** Imports without end, until it is killed: `node import-child.ts LISTS_DIR NAME`. */
import type { ListItem } from "@nightlight/core"
import { importList } from "../../src/lists/import-list.ts"

const [listsDir = "", name = ""] = process.argv.slice(2)

async function* endless(): AsyncGenerator<ListItem> {
  for (let line = 1; ; line++) {
    const hash = line.toString(16).padStart(64, "0")
    yield { ok: true, line, record: { hashType: "pdq", hash, category: "A1" } }
  }
}

const keeper = {
  signer: { keyId: "x", sign: () => new Uint8Array(64) },
  // Believes what its parent signed: it is killed before its own word counts.
  verifier: { keyId: "00112233aabbccdd", verify: () => true },
  clock: { now: () => new Date() },
}
const report = ({ items }: { readonly items: number }) => {
  if (items > 600_000) process.stdout.write("reading\n")
}
await importList({ listsDir, name, items: endless() }, keeper, { onProgress: report })
