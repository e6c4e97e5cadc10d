/**
 * Prints the picture of imports: of a package's folders (the server's rooms unless another is named) their layers, who
 * imports whom and what runs upward; of the whole tree the circles of files. `npm run map`, `npm run map -- guard`.
 * @module
 */
import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { circlesOf, groupGraph, importGraph, layersOf } from "./map/import-graph.ts"
import { readPackageImports } from "./map/package-imports.ts"
import { ROOMS } from "./map/rooms.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const files = globSync("packages/*/src/**/*.{ts,tsx}", { cwd: root })
const graph = importGraph(
  new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")])),
  readPackageImports(root),
)

const name = process.argv[2] ?? "server"
const below = `packages/${name}/src/`
const entryOf = (file: string) => file.slice(below.length).split("/")[0] ?? file
const inside = new Map([...graph].filter(([file]) => file.startsWith(below)))
const entries = groupGraph(inside, entryOf)
const layers = layersOf(entries)
const height = Math.max(0, ...layers.values())

const upward: string[] = []
for (const [file, targets] of inside) {
  for (const target of targets) {
    const [from, to] = [ROOMS.indexOf(entryOf(file)), ROOMS.indexOf(entryOf(target))]
    if (from >= 0 && to >= 0 && to < from) upward.push(`${file} -> ${target}`)
  }
}

const lines = [`${below}: ${entries.size} entries, ${height} layers`]
for (let layer = height; layer > 0; layer--) {
  for (const [entry, of] of layers) {
    if (of === layer)
      lines.push(`  ${layer}  ${entry} -> ${[...(entries.get(entry) ?? [])].toSorted().join(", ") || "nothing"}`)
  }
}
const arrows = [...entries.values()].reduce((sum, targets) => sum + targets.size, 0)
lines.push(`arrows between entries: ${arrows}`)
if (name === "server") lines.push(`imports of a room above: ${upward.length}`, ...upward.map((arrow) => `  ${arrow}`))

const circles = circlesOf(graph)
const across = circles.filter((circle) => new Set(circle.map((file) => dirname(file))).size > 1)
lines.push(`circles of files in the whole tree: ${circles.length}, of them across folders: ${across.length}`)
for (const circle of across) lines.push(`  ${circle.join(", ")}`)
process.stdout.write(`${lines.join("\n")}\n`)
