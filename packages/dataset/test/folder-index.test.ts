import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FolderIndex } from "../src/plan/folder-index.ts"
import type { ListedFile } from "../src/readers/listing.ts"

const listed = (path: string): ListedFile => ({ path: Buffer.from(path), sizeBytes: 0, modifiedMs: 0, archive: false })

describe("FolderIndex", () => {
  it("finds the same as a search of every path", () => {
    const part = fc.constantFrom("a", "b", "a b", "a-", "\u00e9", "aa")
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"))
    const folder = fc.array(part, { maxLength: 3 }).map((parts) => parts.map((one) => `${one}/`).join(""))
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 30 }), folder, (paths, below) => {
        const found = [...new FolderIndex(paths.map(listed)).below(Buffer.from(below))].map((file) =>
          file.path.toString(),
        )
        expect(found.sort()).toEqual(paths.filter((one) => one.startsWith(below)).sort())
      }),
    )
  })
})
