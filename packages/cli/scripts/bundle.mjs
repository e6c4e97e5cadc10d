/**
 * Bundles the built command and the decoder's child: some files in place of the 850 and the 160 that Node would look for
 * and read one by one whenever they start.
 *
 * `node packages/cli/scripts/bundle.mjs` after `tsc -b` writes `dist/bundle` of both packages. The launcher runs the
 * command's bundle only while no package was built or installed after it.
 * @module
 */
import { join, resolve } from "node:path"
import { writeBundle } from "./write-bundle.mjs"

const packages = resolve(import.meta.dirname, "../..")

/** Packages of many small files that a scan reads, without files of other kinds. All others stay in node_modules. */
const included = ["@marcbachmann/cel-js", "commander", "entities", "hyparquet", "hyparquet-writer", "yaml", "zod"]

/** Where a module believes it lies, if not where it was built: the bundled command starts the bundled child. */
const moved = new Map([[join(packages, "decoder/dist/decoder.js"), join(packages, "decoder/dist/bundle/decoder.js")]])

// The command's comes last: a bundle that exists starts a child that exists.
const child = { main: join(packages, "decoder/dist/child/main.js") }
await writeBundle(join(packages, "decoder/dist/bundle/child"), child, { included, moved })
const command = { main: join(packages, "cli/dist/main.js") }
await writeBundle(join(packages, "cli/dist/bundle"), command, { included, moved })
