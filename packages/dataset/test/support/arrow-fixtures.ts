import { readFileSync } from "node:fs"

/** A file that another program wrote: see `arrow/fixtures/README.md`. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../arrow/fixtures/${name}`, import.meta.url))
}
