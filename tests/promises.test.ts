import { describe, expect, it } from "vitest"
import { LONG_ONLY, projectsOf } from "./support/projects.ts"
import { filesOf, read } from "./support/source-tree.ts"

const rows = [...read("CONTRIBUTING.md").matchAll(/^\| (\d+) ([^|]+)\|([^|]+)\|$/gm)].map((match) => ({
  number: Number(match[1]),
  files: [...(match[3] ?? "").matchAll(/`([^`]+)`/g)].map((file) => file[1] ?? ""),
}))

describe("the table of promises in CONTRIBUTING.md", () => {
  it("has a row for each of the eleven promises, in order", () => {
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it("names files of tests that are there", () => {
    const tests = new Set(Object.values(projectsOf()).flat())
    expect(rows.flatMap(({ files }) => files).filter((file) => !tests.has(file))).toEqual([])
    expect(rows.filter(({ files }) => files.length === 0)).toEqual([])
  })
})

describe("the projects of tests", () => {
  it("hold every file of tests once", () => {
    expect(Object.values(projectsOf()).flat().sort()).toEqual(
      filesOf("packages/*/test/**/*.test.{ts,tsx}", "tests/**/*.test.ts"),
    )
  })

  it("know every file that only the long run takes", () => {
    expect(LONG_ONLY.filter((pattern) => filesOf(pattern).length === 0)).toEqual([])
  })

  it("hold each promise by files that the short run takes", () => {
    const long = new Set(filesOf(...LONG_ONLY))
    expect(rows.filter(({ files }) => files.some((file) => long.has(file)))).toEqual([])
  })

  it("put what uses the database, or support that starts processes, into system", () => {
    const { unit } = projectsOf()
    const starts = /from "(?:node:child_process|@nightlight\/dev-env\/database\/postgres)"/
    expect(unit.length).toBeGreaterThan(0)
    expect(unit.filter((file) => starts.test(read(file)))).toEqual([])
  })
})
