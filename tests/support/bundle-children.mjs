import { resolve } from "node:path"
import { writeBundle } from "../../packages/cli/scripts/write-bundle.mjs"

const decoder = resolve(import.meta.dirname, "../../packages/decoder")

/**
 * Vitest's global set-up: bundles the decoder's two children from their sources, for this run. Tests start hundreds of
 * them, and each would read 160 files and strip their types.
 */
export async function setup() {
  const sources = `${decoder}/src/child`
  const entries = { main: `${sources}/main.ts`, "rendition/main": `${sources}/rendition/main.ts` }
  const conditions = ["@nightlight/source", "import", "node"]
  await writeBundle(`${decoder}/dist/bundled-sources`, entries, { conditions })
}
