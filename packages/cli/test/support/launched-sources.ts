import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const MAIN = new URL("../../src/main.ts", import.meta.url).href
const LAUNCHER = fileURLToPath(new URL("../../bin/nightlight.js", import.meta.url))

/** The launcher beside something that runs the sources in place of what is built of them. */
export interface LaunchedSources {
  readonly bin: string
  /** The environment that its Node needs. */
  readonly env: Readonly<Record<string, string>>
}

/** Lays it below a folder, with the Node of this process as the one beside it. */
export async function launchedSources(folder: string): Promise<LaunchedSources> {
  const root = join(folder, "launched")
  await mkdir(join(root, "bin"), { recursive: true })
  await mkdir(join(root, "dist"), { recursive: true })
  await copyFile(LAUNCHER, join(root, "bin/nightlight.js"))
  await writeFile(join(root, "package.json"), JSON.stringify({ type: "module" }))
  await writeFile(join(root, "dist/main.js"), `export const run = async (args) => (await import("${MAIN}")).run(args)`)
  const home = join(root, `node_modules/node-${process.platform}-${process.arch}/bin`)
  await mkdir(home, { recursive: true })
  await symlink(process.execPath, join(home, "node"))
  return {
    bin: join(root, "bin/nightlight.js"),
    env: { NODE_OPTIONS: "--conditions=@nightlight/source --no-warnings" },
  }
}
