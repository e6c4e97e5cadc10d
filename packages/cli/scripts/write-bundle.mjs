import { renameSync, rmSync, utimesSync } from "node:fs"
import { join, relative } from "node:path"
import { rolldown } from "rolldown"

/**
 * Writes entries, by the names of their files without `.js`, and what they import to a folder, which appears whole or
 * not at all. What is imported later stays a file of its own.
 *
 * @param folder - absolute path; replaced if it exists.
 * @param entries - absolute paths by name.
 * @param options.included - names of packages to take in, beside the workspace's; all others stay in node_modules.
 * @param options.moved - addresses that modules take for their own, by path, where that is not their own path.
 * @param options.conditions - the names under which packages export what is to be read.
 */
export async function writeBundle(folder, entries, { included = [], moved = new Map(), conditions } = {}) {
  const unfinished = `${folder}.unfinished-${process.pid}`
  const readAt = new Date()
  const bundle = await rolldown({
    input: entries,
    platform: "node",
    external: (specifier) => isExternal(specifier, included),
    plugins: [ownAddresses(folder, moved)],
    resolve: conditions === undefined ? {} : { conditionNames: conditions },
    treeshake: { moduleSideEffects: true },
  })
  // Names of errors are shown and compared.
  const names = { keepNames: true, entryFileNames: "[name].js", chunkFileNames: "[name].js" }
  await bundle.write({ dir: unfinished, format: "esm", cleanDir: true, ...names })
  await bundle.close()
  // What is built while this runs is newer than the bundle.
  for (const name of Object.keys(entries)) utimesSync(join(unfinished, `${name}.js`), readAt, readAt)
  rmSync(folder, { recursive: true, force: true })
  renameSync(unfinished, folder)
}

function isExternal(specifier, included) {
  if (specifier.startsWith(".") || specifier.startsWith("/")) return false
  const [scope, name] = specifier.split("/")
  return scope !== "@nightlight" && !included.includes(scope.startsWith("@") ? `${scope}/${name}` : scope)
}

/** Files beside a module are found from where the module lies. */
function ownAddresses(folder, moved) {
  return {
    name: "own-addresses",
    transform: {
      filter: { id: /^[^\0]/, code: "import.meta.url" },
      handler(code, module) {
        const address = relative(folder, moved.get(module) ?? module)
        return code.replaceAll("import.meta.url", `new URL(${JSON.stringify(address)}, import.meta.url).href`)
      },
    },
  }
}
