/** Imports an endless list until it is killed: `node import-child.ts LISTS_DIR NAME`. */
import { importList } from "../../src/lists/import-list.ts"
import { madeUpItems } from "./made-up-items.ts"

const [listsDir = "", name = ""] = process.argv.slice(2)

const keeper = {
  signer: { keyId: "x", sign: () => new Uint8Array(64) },
  // Accepts any signature, because it is killed before it signs anything.
  verifier: { keyId: "00112233aabbccdd", verify: () => true },
  clock: { now: () => new Date() },
}
const report = ({ items }: { readonly items: number }) => {
  if (items > 600_000) process.stdout.write("reading\n")
}
await importList({ listsDir, name, items: madeUpItems() }, keeper, { onProgress: report })
