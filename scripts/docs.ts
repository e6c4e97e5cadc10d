/**
 * `npm run docs`: writes docs/reference/ from the code. A test fails while a committed page differs.
 * @module
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { referencePages } from "./docs/pages.ts"

const root = join(import.meta.dirname, "..")
for (const [path, text] of await referencePages(root)) writeFileSync(join(root, path), text)
