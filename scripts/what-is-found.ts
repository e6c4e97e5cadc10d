/**
 * Measures which changed copies of a listed picture are found, and writes docs/reference/what-is-found.md:
 * `node -C @nightlight/source scripts/what-is-found.ts [--pictures N]`.
 * @module
 */
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import sharp from "sharp"
import { pixelsOf } from "./what-is-found/draw.ts"
import { measure, scenes } from "./what-is-found/measure.ts"
import { whatIsFoundPage } from "./what-is-found/page.ts"

const root = join(import.meta.dirname, "..")
const published = process.env["NIGHTLIGHT_PICTURES"] ?? join(root, "..", "shared", "data", "pdq", "images")
const PHOTOGRAPHS = ["bridge-mods/aaa-orig.jpg", "misc/pen-and-coaster.png", "misc/wee.jpg"]

const { values } = parseArgs({ options: { pictures: { type: "string", default: "100" } } })
const photographs = await Promise.all(
  PHOTOGRAPHS.map((name) => join(published, name))
    .filter((path) => existsSync(path))
    .map((path) => pixelsOf(sharp(path).resize(640, 640, { fit: "inside", withoutEnlargement: true }))),
)
const page = whatIsFoundPage({
  scenes: await measure(scenes(Number(values.pictures))),
  photographs: photographs.length === 0 ? [] : await measure(photographs),
})
writeFileSync(join(root, "docs", "reference", "what-is-found.md"), page)
