import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { CASE_STORY } from "../packages/server/src/app/case-story.ts"
import { circlesOf, groupGraph, importGraph, layersOf } from "../scripts/map/import-graph.ts"
import { readPackageImports } from "../scripts/map/package-imports.ts"
import { ROOMS } from "../scripts/map/rooms.ts"
import { filesOf, read, root, withoutComments } from "./support/source-tree.ts"

const SERVER = "packages/server/src/"
const files = filesOf("packages/*/src/**/*.{ts,tsx}")
const graph = importGraph(new Map(files.map((file) => [file, read(file)])), readPackageImports(root))
const roomOf = (file: string) => file.slice(SERVER.length).split("/")[0] ?? file
const server = new Map([...graph].filter(([file]) => file.startsWith(SERVER)))

/** Files of SQL: `store.ts` and those whose names end in `-store.ts`. */
const STORE = /\/(?:[\w-]+-)?store\.ts$/
const storeImports = [...server].flatMap(([file, targets]) =>
  [...targets].filter((target) => STORE.test(target)).map((target) => [file, target] as const),
)

/** What a source exports of a store as it is: by `export … from`, or imported and named in an export or a constant. */
function storeReExports(source: string): readonly string[] {
  const direct = [...source.matchAll(/^export\b[^"';=]*?\bfrom\s*"([^"]+)"/gm)].map((match) => match[1] ?? "")
  const imported = [...source.matchAll(/^import\b[^"';]*?\{([^}]*)\}\s*from\s*"([^"]+)"/gm)]
    .filter((match) => STORE.test(match[2] ?? ""))
    .flatMap((match) => (match[1] ?? "").split(","))
    .map(
      (name) =>
        name
          .replace(/^\s*type\s/, "")
          .trim()
          .split(/\s+as\s+/)
          .at(-1) ?? "",
    )
    .filter((name) => name !== "")
  const named = [...source.matchAll(/^export\s+(?:type\s+)?\{([^}]*)\}(?!\s*from)/gm)].map((match) => match[1] ?? "")
  const aliased = [...source.matchAll(/^export\s+(?:const|type)\s+\w+\s*=\s*(\w+)\s*$/gm)].map(
    (match) => match[1] ?? "",
  )
  const isNamed = (name: string) => [...named, ...aliased].some((text) => new RegExp(`\\b${name}\\b`).test(text))
  return [...direct.filter((specifier) => STORE.test(specifier)), ...imported.filter(isNamed)]
}

describe("the rooms of the server", () => {
  it("hold every source but the package's index", () => {
    const outside = [...server.keys()].filter((file) => !ROOMS.includes(roomOf(file)))
    expect(outside).toEqual([`${SERVER}index.ts`])
  })

  it("import only rooms below them", () => {
    const upward = [...server].flatMap(([file, targets]) =>
      [...targets]
        .filter(
          (target) => ROOMS.includes(roomOf(target)) && ROOMS.indexOf(roomOf(target)) < ROOMS.indexOf(roomOf(file)),
        )
        .map((target) => `${file} -> ${target}`),
    )
    expect(upward.filter((arrow) => !arrow.startsWith(`${SERVER}index.ts`))).toEqual([])
  })

  it("have one feature file each, but the top and the bottom", () => {
    const missing = ROOMS.slice(1, -1).filter((room) => !existsSync(join(root, SERVER, room, "feature.ts")))
    expect(missing).toEqual([])
  })

  it("reach a feature's stores only from that feature, for types too", () => {
    const featureOf = (file: string) => file.slice(SERVER.length).split("/").slice(0, 2).join("/")
    const breaches = storeImports.filter(([file, store]) => featureOf(store) !== featureOf(file))
    expect(storeImports.length).toBeGreaterThan(0)
    expect(breaches).toEqual([])
  })

  it("reach no store from routes, which call their service", () => {
    expect(storeImports.filter(([file]) => /\/(?:[\w-]+-)?routes\.ts$/.test(file))).toEqual([])
  })

  it("import the sign-in by password only where sign-in is put together", () => {
    const isInside = (file: string) => file.startsWith(`${SERVER}staff/sign-in/local/`)
    const importers = [...server].filter(([file, targets]) => !isInside(file) && [...targets].some(isInside))
    expect(importers.map(([file]) => file)).toEqual([`${SERVER}staff/sign-in/service.ts`])
  })

  it("re-export nothing of a store", () => {
    const breaches = [...server.keys()].flatMap((file) => storeReExports(read(file)).map((name) => `${file}: ${name}`))
    expect(breaches).toEqual([])
  })
})

describe("the story of a case", () => {
  it.each(CASE_STORY)("is told by files that record the events: $step", ({ room, files: named, events }) => {
    const sources = named.map((file) => withoutComments(read(`${SERVER}${room}/${file}`)))
    expect(sources.length).toBeGreaterThan(0)
    expect(events.length).toBeGreaterThan(0)
    expect(events.filter((event) => !sources.some((text) => text.includes(`type: "${event}"`)))).toEqual([])
  })
})

describe("imports", () => {
  it("are seen where a package names its own files by # too", () => {
    const common = "packages/console/src/messages/en/common.ts"
    expect([...graph].filter(([, targets]) => targets.has(common)).length).toBeGreaterThan(10)
  })

  it("run in no circle across folders, in any package", () => {
    const across = circlesOf(graph).filter((circle) => new Set(circle.map((file) => dirname(file))).size > 1)
    expect(across).toEqual([])
  })
})

describe("the rule of stores", () => {
  it("sees every way to export a store's function as it is, and no other export", () => {
    expect(storeReExports('export { readHead } from "./queue/queue-store.ts"\n')).toEqual(["./queue/queue-store.ts"])
    expect(storeReExports('export type {\n  Head,\n} from "./store.ts"\n')).toEqual(["./store.ts"])
    expect(storeReExports('export * from "./store.ts"\n')).toEqual(["./store.ts"])
    expect(storeReExports('import { a, type B as C } from "./store.ts"\nexport { a, C }\n')).toEqual(["a", "C"])
    expect(storeReExports('import { a } from "./store.ts"\nexport const b = a\n')).toEqual(["a"])
    expect(storeReExports('import { a } from "./store.ts"\nexport const b = (c: D) => a(c)\n')).toEqual([])
    expect(storeReExports('export { open } from "./open-restore.ts"\n')).toEqual([])
  })
})

describe("the picture of imports", () => {
  const sources = new Map([
    ["a/top.ts", 'import { b } from "../b/middle.ts"\n'],
    ["b/middle.ts", 'import type { C } from "../c/low.ts"\nimport "not-here"\n'],
    ["c/low.ts", 'const d = await import("../d/back.ts")\n'],
    ["d/back.ts", 'export { c } from "../c/low.ts"\n'],
  ])
  const small = importGraph(sources)

  it("sees imports of values, types and at run time, and circles among them", () => {
    expect(small.get("a/top.ts")).toEqual(new Set(["b/middle.ts"]))
    expect(circlesOf(small)).toEqual([["c/low.ts", "d/back.ts"]])
  })

  it("follows what a package's manifest names by #, and refuses what it does not", () => {
    const named = new Map([["p", { "#words/*": "./src/words/*", "#one": "./src/words/x.ts" }]])
    const files = (first: string) =>
      new Map([
        ["p/src/a.ts", `import { x } from "${first}"\n`],
        ["p/src/words/x.ts", 'import { a } from "../a.ts"\n'],
      ])
    for (const specifier of ["#words/x.ts", "#one"]) {
      expect(circlesOf(importGraph(files(specifier), named))).toEqual([["p/src/a.ts", "p/src/words/x.ts"]])
    }
    expect(() => importGraph(files("#words/y.ts"), named)).toThrow("no such source")
    expect(() => importGraph(files("#words/x.ts"))).toThrow("no such source")
  })

  it("puts what is imported below what imports it, and a circle on one layer", () => {
    expect(Object.fromEntries(layersOf(groupGraph(small, (file) => file.charAt(0))))).toEqual({
      a: 3,
      b: 2,
      c: 1,
      d: 1,
    })
  })
})
