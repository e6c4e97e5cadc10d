/**
 * Bundles the built command and the decoder's child: some files in place of the 850 and the 160 that Node would look for
 * and read one by one whenever they start.
 *
 * `node packages/cli/scripts/bundle.mjs` after `tsc -b` writes `dist/bundle` of both packages. The launcher runs the
 * command's bundle only while no package was built or installed after it.
 * @module
 */
import { renameSync, rmSync, utimesSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { rolldown } from "rolldown"

const packages = resolve(import.meta.dirname, "../..")

/** Packages of many small files that a scan reads, without files of other kinds. All others stay in node_modules. */
const INCLUDED = ["@marcbachmann/cel-js", "commander", "entities", "hyparquet", "hyparquet-writer", "yaml", "zod"]

/** Where a module believes it lies, if not where it was built: the bundled command starts the bundled child. */
const MOVED = new Map([[join(packages, "decoder/dist/decoder.js"), join(packages, "decoder/dist/bundle/decoder.js")]])

// The command's comes last: a bundle that exists starts a child that exists.
await writeBundle(join(packages, "decoder/dist/child/main.js"), join(packages, "decoder/dist/bundle/child"))
await writeBundle(join(packages, "cli/dist/main.js"), join(packages, "cli/dist/bundle"))

/** Writes the entry, as `main.js`, and what it imports to a folder. What is imported later stays a file of its own. */
async function writeBundle(entry, folder) {
  const unfinished = `${folder}.unfinished`
  const readAt = new Date()
  const bundle = await rolldown({
    input: { main: entry },
    platform: "node",
    external: isExternal,
    plugins: [ownAddresses(folder)],
    treeshake: { moduleSideEffects: true },
  })
  // Names of errors are shown and compared.
  const names = { keepNames: true, entryFileNames: "[name].js", chunkFileNames: "[name].js" }
  await bundle.write({ dir: unfinished, format: "esm", cleanDir: true, ...names })
  await bundle.close()
  // What is built while this runs is newer than the bundle.
  utimesSync(join(unfinished, "main.js"), readAt, readAt)
  rmSync(folder, { recursive: true, force: true })
  renameSync(unfinished, folder)
}

function isExternal(specifier) {
  if (specifier.startsWith(".") || specifier.startsWith("/")) return false
  const [scope, name] = specifier.split("/")
  return scope !== "@nightlight" && !INCLUDED.includes(scope.startsWith("@") ? `${scope}/${name}` : scope)
}

/** Files beside a module are found from where it was built. */
function ownAddresses(folder) {
  return {
    name: "own-addresses",
    transform: {
      filter: { id: /^[^\0]/, code: "import.meta.url" },
      handler(code, module) {
        const address = relative(folder, MOVED.get(module) ?? module)
        return code.replaceAll("import.meta.url", `new URL(${JSON.stringify(address)}, import.meta.url).href`)
      },
    },
  }
}
