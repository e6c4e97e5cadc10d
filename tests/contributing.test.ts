import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { read } from "./support/source-tree.ts"

const root = join(import.meta.dirname, "..")

/** CONTRIBUTING's worked changes: the sections that begin with `## Add`. */
const changes = read("CONTRIBUTING.md")
  .split(/^## /m)
  .filter((section) => section.startsWith("Add "))
  .map((section) => ({ title: section.slice(0, section.indexOf("\n")), paths: pathsOf(section) }))

/** Paths in backticks that begin with a folder of the repository. */
function pathsOf(section: string): readonly string[] {
  return [...section.matchAll(/`((?:packages|tests|docs|scripts|bench)\/[^`\s]+)`/g)].map((match) => match[1] ?? "")
}

it("CONTRIBUTING has a worked change for a container, an endpoint, a list format, a policy signal and a page", () => {
  expect(changes.map(({ title }) => title)).toEqual(
    expect.arrayContaining([
      "Add a container",
      "Add an endpoint",
      "Add a list format",
      "Add a policy signal",
      "Add a page with its route",
    ]),
  )
})

describe.each(changes)("the worked change '$title'", ({ paths }) => {
  it("names at least three files, and every file it names exists", () => {
    expect(paths.length).toBeGreaterThanOrEqual(3)
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})
