import { describe, expect, it } from "vitest"
import { projectsOf } from "./support/projects.ts"
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
    const { unit, components, system } = projectsOf()
    const tests = new Set([...unit, ...components, ...system])
    expect(rows.flatMap(({ files }) => files).filter((file) => !tests.has(file))).toEqual([])
    expect(rows.filter(({ files }) => files.length === 0)).toEqual([])
  })
})

describe("the projects of tests", () => {
  it("hold every file of tests once", () => {
    const { unit, components, system } = projectsOf()
    expect([...unit, ...components, ...system].sort()).toEqual(
      filesOf("packages/*/test/**/*.test.{ts,tsx}", "tests/**/*.test.ts"),
    )
  })

  it("put what uses the database, or support that starts processes, into system", () => {
    const { unit } = projectsOf()
    const starts = /from "(?:node:child_process|@nightlight\/dev-env\/database\/postgres)"/
    expect(unit.length).toBeGreaterThan(0)
    expect(unit.filter((file) => starts.test(read(file)))).toEqual([])
  })
})
