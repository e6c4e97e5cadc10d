import { describe, expect, it } from "vitest"
import { filesOf, packageNames, read, withoutComments } from "./support/source-tree.ts"

/** Names in a file's `@param` tags that are no parameter of the function or method right below the comment. */
function strayParams(source: string): string[] {
  return [...source.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\//g)].flatMap(({ 0: comment, index }) => {
    const names = [...comment.matchAll(/@param\s+(?:\{[^}]*\}\s*)?\[?([\w$]+)/g)].map((match) => match[1] ?? "")
    if (names.length === 0) return []
    const parameters = firstParentheses(withoutComments(source.slice(index + comment.length)))
    return names.filter((name) => !new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(parameters))
  })
}

/** The text between the first parenthesis and its partner. */
function firstParentheses(code: string): string {
  const start = code.indexOf("(")
  let depth = 0
  for (let index = start; index >= 0 && index < code.length; index++) {
    if (code[index] === "(") depth++
    if (code[index] === ")" && --depth === 0) return code.slice(start + 1, index)
  }
  return ""
}

/** Names in a file's `{@link ...}` tags that neither its code nor the exports of its package or of core have. */
function strayLinks(source: string, exported: ReadonlySet<string>): string[] {
  const words = new Set(withoutComments(source).match(/[\w$]+/g))
  return [...source.matchAll(/\{@link(?:code|plain)?\s+([\w$]+)(?!\w*:)/g)]
    .map((match) => match[1] ?? "")
    .filter((name) => !words.has(name) && !exported.has(name))
}

/** What a source exports: declarations, and names in braces. */
function exportsOf(source: string): string[] {
  const code = withoutComments(source)
  const declared =
    /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|class|interface|type|const|let) (\w+)/gm
  const listed = [...code.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap((match) => (match[1] ?? "").split(","))
  const names = listed.map((name) => name.trim().split(/\s+/).at(-1) ?? "")
  return [...[...code.matchAll(declared)].map((match) => match[1] ?? ""), ...names]
}

function exportsOfAll(files: readonly string[]): readonly string[] {
  return files.flatMap((file) => exportsOf(read(file)))
}

const TESTS = "tests, benches and scripts"
const groups = [
  ...packageNames.map((name) => [name, filesOf(`packages/${name}/{src,test,scripts}/**/*.{ts,tsx}`)] as const),
  [TESTS, filesOf("{tests,bench,scripts}/**/*.ts").filter((file) => !file.endsWith("doc-comments.test.ts"))] as const,
]
const ofCore = exportsOfAll(filesOf("packages/core/src/**/*.ts"))

describe.each(groups)("doc comments of %s", (_, files) => {
  it("describe parameters that the function has", () => {
    expect(files.flatMap((file) => strayParams(read(file)).map((name) => `${file}: @param ${name}`))).toEqual([])
  })

  it("link to what the file, its package or core has", () => {
    const exported = new Set([...exportsOfAll(files), ...ofCore])
    const stray = files.flatMap((file) => strayLinks(read(file), exported).map((name) => `${file}: {@link ${name}}`))
    expect(stray).toEqual([])
  })
})

describe("these checks", () => {
  it("see a parameter that was renamed", () => {
    const comment = "/**\n * Says it.\n *\n * @param to - Whom.\n * @param words - What.\n */\n"
    expect(strayParams(`${comment}export function say(to: (a: string) => void, text: string): void {}`)).toEqual([
      "words",
    ])
    expect(strayParams(`${comment}say({ to, words }: Saying): void`)).toEqual([])
  })

  it("see a link to what was renamed", () => {
    const source = "/** As {@link before}, {@link after.all} and {@link elsewhere | there}. */\nconst after = 1"
    expect(strayLinks(source, new Set(["elsewhere"]))).toEqual(["before"])
    expect(exportsOf('export { a, b as elsewhere } from "x"\nexport const c = 1')).toEqual(["c", "a", "elsewhere"])
  })
})
