import { existsSync } from "node:fs"
import { dirname, join, sep } from "node:path"
import { fileURLToPath } from "node:url"

/** Files that the dynamic loader reads. */
export const SYSTEM_PATHS: readonly string[] = [
  "/lib",
  "/lib64",
  "/usr/lib",
  "/usr/lib64",
  "/usr/local/lib",
  "/etc/ld.so.cache",
  "/nix/store",
]

/** The folders of the entry's package and of every package that it loads. */
export function codeFolders(entry: string): string[] {
  const modules = ["@nightlight/core", "@nightlight/pdq", "sharp", "@jsquash/jpeg/decode.js"].map((name) =>
    fileURLToPath(import.meta.resolve(name)),
  )
  const folders = [entry, fileURLToPath(import.meta.url), ...modules].map(
    (path) => modulesFolder(path) ?? packageFolder(path),
  )
  // Workspace packages are links in node_modules, so the links are needed too.
  const links = modules.map(modulesFolder).filter((folder) => folder !== undefined)
  return [...new Set([...folders, ...links])]
}

function modulesFolder(path: string): string | undefined {
  const mark = `${sep}node_modules${sep}`
  const offset = path.lastIndexOf(mark)
  return offset === -1 ? undefined : path.slice(0, offset + mark.length - 1)
}

function packageFolder(path: string): string {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder
  }
  return dirname(path)
}
