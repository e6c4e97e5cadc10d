import { globSync, readFileSync } from "node:fs"
import { expect, it } from "vitest"

const packages = new URL("../../", import.meta.url).pathname
const isWords = (path: string): boolean => /console\/src\/(messages\/en\/|screens\/.*\/words[\w-]*\.ts$)/.test(path)

it("every message of the console is used, by a page or by a code of another package", () => {
  const paths = globSync("*/src/**/*.{ts,tsx,sql}", { cwd: packages })
  const sources = paths.filter((path) => !isWords(path)).map((path) => readFileSync(packages + path, "utf8"))
  const named = new Set(sources.flatMap((source) => source.match(/[\w.:+-]+|\w+/g) ?? []))
  for (const token of [...named]) for (const part of token.split(/[^\w-]+|(?<=\w)-(?=\W|$)/)) named.add(part)
  const unused = paths.filter(isWords).flatMap((path) => {
    const source = readFileSync(packages + path, "utf8")
    return (
      [...source.matchAll(/^\s*(?:"([^"]+)"|([A-Za-z]\w*)): /gm)]
        .map(([, quoted, plain]) => quoted ?? plain ?? "")
        // A restore names its tasks after event types, with a dash instead of the dot.
        .filter((name) => !named.has(name) && !name.startsWith("restore-"))
        .map((name) => `${path}: ${name}`)
    )
  })
  expect(unused).toEqual([])
})
