import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** `imports` of packages' manifests by the package's folder, such as `packages/console`. */
export type PackageImports = ReadonlyMap<string, Readonly<Record<string, string>>>

/** Reads the `imports` of every package that has some; only plain targets, none by condition. */
export function readPackageImports(root: string): PackageImports {
  const read = globSync("packages/*/package.json", { cwd: root }).map((path) => {
    const { imports = {} } = JSON.parse(readFileSync(join(root, path), "utf8")) as {
      readonly imports?: Readonly<Record<string, string>>
    }
    return [dirname(path), imports] as const
  })
  return new Map(read.filter(([, imports]) => Object.keys(imports).length > 0))
}
