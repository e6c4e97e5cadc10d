import { dirname, join, normalize } from "node:path"
import type { PackageImports } from "./package-imports.ts"

/** Which files each file imports, types too; files of other packages and of npm are left out. */
export type ImportGraph = ReadonlyMap<string, ReadonlySet<string>>

const SPECIFIERS = [
  /^\s*(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"']+)["']/gm,
  /^\s*import\s*["']([^"']+)["']/gm,
  /\bimport\(\s*["'`]([^"'`]+)["'`]/g,
]

/**
 * Reads the imports of files that are relative or start with `#`.
 *
 * @param sources - Text by path; a path is relative to one root and has `/` between its parts.
 * @throws {Error} If a `#` specifier is in no package's `imports`, or leads to no source.
 */
export function importGraph(
  sources: ReadonlyMap<string, string>,
  packageImports: PackageImports = new Map(),
): ImportGraph {
  const graph = new Map<string, Set<string>>()
  for (const [file, text] of sources) {
    const named = SPECIFIERS.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ""))
    const files = named
      .filter((specifier) => /^[.#]/.test(specifier))
      .map((specifier) => {
        if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier))
        const target = resolveInPackage(file, specifier, packageImports)
        if (target === undefined || !sources.has(target))
          throw new Error(`${file} imports ${specifier}: no such source`)
        return target
      })
    graph.set(file, new Set(files.filter((target) => target !== file && sources.has(target))))
  }
  return graph
}

/** The file of a `#` specifier by the `imports` of the file's package; `undefined` if they do not name it. */
function resolveInPackage(file: string, specifier: string, packageImports: PackageImports): string | undefined {
  for (const [folder, imports] of packageImports) {
    if (!file.startsWith(`${folder}/`)) continue
    for (const [name, target] of Object.entries(imports)) {
      const [before = "", after] = name.split("*")
      if (after === undefined && name === specifier) return join(folder, target)
      if (after !== undefined && specifier.startsWith(before) && specifier.endsWith(after)) {
        return join(folder, target.replace("*", specifier.slice(before.length, specifier.length - after.length)))
      }
    }
  }
  return undefined
}

/** Joins the files of a graph to groups, such as folders: who imports whom among them. */
export function groupGraph(graph: ImportGraph, groupOf: (file: string) => string): ImportGraph {
  const grouped = new Map<string, Set<string>>()
  for (const [file, targets] of graph) {
    const group = groupOf(file)
    const into = grouped.get(group) ?? new Set()
    for (const target of targets) if (groupOf(target) !== group) into.add(groupOf(target))
    grouped.set(group, into)
  }
  return grouped
}

/** Finds the circles: sets of two or more nodes of which each reaches each other (Tarjan 1972). */
export function circlesOf(graph: ImportGraph): readonly (readonly string[])[] {
  return componentsOf(graph).filter((component) => component.length > 1)
}

/** Strongly connected components; a component comes after all that it imports. */
function componentsOf(graph: ImportGraph): readonly (readonly string[])[] {
  const number = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const components: string[][] = []
  const visit = (node: string) => {
    number.set(node, number.size)
    lowest.set(node, number.size - 1)
    open.push(node)
    isOpen.add(node)
    for (const target of graph.get(node) ?? []) {
      if (!number.has(target)) visit(target)
      if (isOpen.has(target)) lowest.set(node, Math.min(lowest.get(node) ?? 0, lowest.get(target) ?? 0))
    }
    if (lowest.get(node) !== number.get(node)) return
    const component: string[] = []
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      isOpen.delete(member)
      component.push(member)
      if (member === node) break
    }
    components.push(component.toSorted())
  }
  for (const node of graph.keys()) if (!number.has(node)) visit(node)
  return components
}

/** The layer of each node: 1 for what imports nothing, else one above the highest that it imports; a circle is one node. */
export function layersOf(graph: ImportGraph): ReadonlyMap<string, number> {
  const layers = new Map<string, number>()
  for (const component of componentsOf(graph)) {
    const below = component.flatMap((node) =>
      [...(graph.get(node) ?? [])].filter((target) => !component.includes(target)),
    )
    const layer = 1 + Math.max(0, ...below.map((target) => layers.get(target) ?? 0))
    for (const node of component) layers.set(node, layer)
  }
  return layers
}
