import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { CASE_STORY } from "../packages/server/src/app/case-story.ts"
import { circlesOf, groupGraph, importGraph, layersOf } from "../scripts/map/import-graph.ts"
import { ROOMS } from "../scripts/map/rooms.ts"
import { filesOf, read, root } from "./support/source-tree.ts"

const SERVER = "packages/server/src/"
const files = filesOf("packages/*/src/**/*.{ts,tsx}")
const graph = importGraph(new Map(files.map((file) => [file, read(file)])))
const roomOf = (file: string) => file.slice(SERVER.length).split("/")[0] ?? file
const server = new Map([...graph].filter(([file]) => file.startsWith(SERVER)))

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

  it("reach a feature's store only from that feature", () => {
    const featureOf = (file: string) => file.slice(SERVER.length).split("/").slice(0, 2).join("/")
    const breaches = [...server].flatMap(([file, targets]) =>
      [...targets]
        .filter((target) => target.endsWith("/store.ts") && featureOf(target) !== featureOf(file))
        .map((target) => `${file} -> ${target}`),
    )
    expect(breaches).toEqual([])
  })
})

describe("the story of a case", () => {
  it.each(CASE_STORY)("is told by files and events that are there: $step", ({ room, file, events }) => {
    const source = read(`${SERVER}${room}/${file}`)
    const folder = filesOf(`${SERVER}${room}/${file.split("/")[0]}/**/*.ts`).map((path) => read(path))
    expect(source.length).toBeGreaterThan(0)
    expect(events.filter((event) => !folder.some((text) => text.includes(`"${event}"`)))).toEqual([])
  })
})

describe("imports", () => {
  it("run in no circle across folders, in any package", () => {
    const across = circlesOf(graph).filter((circle) => new Set(circle.map((file) => dirname(file))).size > 1)
    expect(across).toEqual([])
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

  it("puts what is imported below what imports it, and a circle on one layer", () => {
    expect(Object.fromEntries(layersOf(groupGraph(small, (file) => file.charAt(0))))).toEqual({
      a: 3,
      b: 2,
      c: 1,
      d: 1,
    })
  })
})
