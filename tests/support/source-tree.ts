import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The repository's root folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url))

/** Names of the folders under `packages/`. */
export const packageNames: readonly string[] = globSync("packages/*/package.json", { cwd: root })
  .map((path) => path.split("/")[1] ?? "")
  .sort()

/** The parts of a package.json that tests look at. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly engines?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

/** Reads a file by its path from the root. */
export function read(path: string): string {
  return readFileSync(join(root, path), "utf8")
}

/** Reads the package.json of a folder, `.` for the root's. */
export function manifestOf(folder: string): Manifest {
  return JSON.parse(read(join(folder, "package.json"))) as Manifest
}

/** Lists files by patterns from the root, without installed, built and generated ones. */
export function filesOf(...patterns: readonly string[]): string[] {
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ["**/node_modules/**", "**/dist/**"] }))
    .sort()
}

/** Removes comments; what stands inside strings and templates stays. */
export function withoutComments(source: string): string {
  return source.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_, text: string | undefined) => text ?? "",
  )
}

/** Every module specifier of a source: static, re-exported, dynamic, resolved. */
export function specifiersOf(source: string): string[] {
  const patterns = [
    /^\s*(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["'`]([^"'`]+)["'`]/g,
    /\bimport\.meta\.resolve\(\s*["'`]([^"'`]+)["'`]/g,
    /\brequire\(\s*["'`]([^"'`]+)["'`]/g,
  ]
  const code = withoutComments(source)
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""))
}

/** Module specifiers that are loaded as soon as the source is: not types, not dynamic imports. */
export function eagerSpecifiersOf(source: string): string[] {
  const code = withoutComments(source)
  const from = /^\s*(?:import|export)\s+(?!type\b)([^"'`;]*?)\bfrom\s*["']([^"']+)["']/gm
  const named = [...code.matchAll(from)].filter((match) => !isOnlyTypes(match[1] ?? "")).map((match) => match[2] ?? "")
  return [...named, ...[...code.matchAll(/^\s*import\s*["']([^"']+)["']/gm)].map((match) => match[1] ?? "")]
}

/** `{ type A, type B }` loads nothing, given `verbatimModuleSyntax` and a runtime that drops type imports. */
function isOnlyTypes(clause: string): boolean {
  const names = /^\{([^}]*)\}\s*$/.exec(clause.trim())?.[1]
  return names?.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type ")) ?? false
}
