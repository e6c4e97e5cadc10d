import { expect, it } from "vitest"
import { filesOf, read } from "./support/source-tree.ts"

const GLOSSARY = "docs/glossary.md"
const terms = [...read(GLOSSARY).matchAll(/^- \*\*(.+?)\*\*: \S.*$/gm)].map(([, term = ""]) => term)
/** Hyphens, spaces and case are spelling: `hash-list` is the term "Hash list". */
const plain = (text: string) => text.toLowerCase().replaceAll(/[-\s]+/g, " ")

it("holds nothing but terms, each of them once and in the alphabet's order", () => {
  const lines = read(GLOSSARY)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
  expect(terms).toHaveLength(lines.length - 1)
  const names = terms.map(plain)
  expect(names).toEqual([...new Set(names)].toSorted())
})

it("holds no term that neither a page nor the console uses", () => {
  const pages = filesOf("*.md", "docs/**/*.md", "packages/*/README.md").filter((path) => path !== GLOSSARY)
  const words = plain([...pages, ...filesOf("packages/console/src/**/en/*.ts")].map(read).join("\n"))
  expect(terms.filter((term) => !new RegExp(`\\b${plain(term)}`).test(words))).toEqual([])
})
