import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Command } from "commander"
import { afterAll, describe, expect, it } from "vitest"
import { createProgram } from "../packages/cli/src/program.ts"
import { referencePages } from "../scripts/docs/pages.ts"
import { describedCalls, unknownCalls } from "./support/api-calls.ts"
import { codeOf, type Example, examplesOf, layCommands, localLinksOf } from "./support/doc-examples.ts"
import { headingLinksOf, headingSlugsOf } from "./support/doc-links.ts"
import { filesOf, read, root } from "./support/source-tree.ts"

const pages = filesOf("*.md", "docs/**/*.md", "packages/*/README.md")
const folders: string[] = []
const program = createProgram()
const calls = describedCalls()

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe("docs/reference", async () => {
  const generated = [...(await referencePages(root))]

  it.each(generated)("has %s as the code says; `npm run docs` writes it", (path, text) => {
    expect(existsSync(join(root, path)) ? read(path) : "").toBe(text)
  })

  it.each(generated)("leaves nothing of %s without a word on it", (_, text) => {
    const silent = text.split("\n").filter((line) => line.startsWith("| ") && /\|\s*\|$/.test(line))
    expect(silent).toEqual([])
  })
})

describe.each(pages)("%s", (path) => {
  const page = read(path)

  it("links to files that are there", () => {
    const broken = localLinksOf(page).filter((target) => !existsSync(join(root, dirname(path), target)))
    expect(broken).toEqual([])
  })

  it("links to headings that are there", () => {
    const broken = headingLinksOf(page).filter(({ page: target, slug }) => {
      const text = target === "" ? page : read(join(dirname(path), target))
      return !headingSlugsOf(text).has(slug)
    })
    expect(broken).toEqual([])
  })

  it("names only commands and options that there are", () => {
    expect(codeOf(page).flatMap(unknownWords)).toEqual([])
  })

  // A package describes its own interface; the others speak of the report service's.
  it.skipIf(path.startsWith("packages/"))("names only calls that the report service answers", () => {
    expect(codeOf(page).flatMap((code) => unknownCalls(code, calls))).toEqual([])
  })

  const examples = examplesOf(page)
  if (examples.length > 0) {
    it.skipIf(!runsExamples(path)).concurrent("has examples that run", { timeout: 240_000 }, async () => {
      const home = mkdtempSync(join(tmpdir(), "nightlight-docs-"))
      folders.push(home)
      const bin = layCommands(home)
      const work = join(home, "work")
      mkdirSync(work)
      for (const example of examples) {
        const { status, output } = await runExample(example, { work, bin })
        expect(status, `line ${example.line}:\n${output}`).toBe(example.status)
      }
    })
  }
})

/** Those of the guides take minutes together: they run in `npm run verify:long`, the others always. */
function runsExamples(path: string): boolean {
  return process.env["NIGHTLIGHT_LONG"] === "1" || !path.startsWith("docs/guides/")
}

interface Place {
  readonly work: string
  readonly bin: string
}

async function runExample({ language, code }: Example, { work, bin }: Place): Promise<Outcome> {
  if (language === "sh") return runProgram("bash", ["-euo", "pipefail", "-c", code], { work, bin })
  // Below the root, so that packages are found; type stripping refuses node_modules.
  const folder = mkdtempSync(join(root, ".example-"))
  folders.push(folder)
  const file = join(folder, "example.ts")
  writeFileSync(file, code)
  return runProgram(process.execPath, ["-C", "@nightlight/source", file], { work, bin })
}

interface Outcome {
  readonly status: number | string | undefined
  readonly output: string
}

function runProgram(program: string, args: readonly string[], { work, bin }: Place): Promise<Outcome> {
  const env = {
    ...process.env,
    PATH: `${bin}:${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    NIGHTLIGHT_PASSPHRASE: "for examples only",
  }
  return new Promise((settle) => {
    const child = execFile(program, args, { cwd: work, env, timeout: 200_000 }, (error, stdout, stderr) => {
      settle({ status: error === null ? 0 : (error.code ?? undefined), output: stdout + stderr })
    })
    child.stdin?.end()
  })
}

/** Commands and options in a code that the program does not have; what comes after a `#` or a `|` is not looked at. */
function unknownWords(code: string): string[] {
  return [
    ...code.replaceAll("\\\n", " ").matchAll(/(?:^|[\s;&(])nightlight ((?:[a-z-]+|"[^"]*"|[^\s#|;&)]+)[^\n#|;&)]*)/gm),
  ].flatMap(([, rest = ""]) => unknownIn(rest.trim().split(/\s+/)))
}

function unknownIn(words: readonly string[]): string[] {
  let command: Command = program
  const options = new Set(program.options.flatMap(({ short, long }) => [short, long]))
  const unknown: string[] = []
  for (const [index, word] of words.entries()) {
    const name = word.replace(/=.*/, "").replace(/[.,:]$/, "")
    const next = command.commands.find((child) => child.name() === name)
    if (next !== undefined) {
      command = next
      for (const { short, long } of next.options) options.add(short).add(long)
    } else if (name.startsWith("--") && name !== "--help" && !options.has(name))
      unknown.push(words.slice(0, index + 1).join(" "))
    else if (/^[a-z]/.test(name) && command.commands.length > 0 && index === 0) unknown.push(name)
    else if (/^[a-z]+$/.test(name) && command.commands.length > 0 && command.registeredArguments.length === 0) {
      unknown.push(words.slice(0, index + 1).join(" "))
    }
  }
  return unknown
}

// Outside a clone npm would fetch whatever stands under that name.
it.each(pages.filter((path) => path !== "README.md"))("%s tells nobody to have npm fetch the command", (path) => {
  expect(read(path)).not.toContain("npx nightlight")
})

describe("the console's guides", () => {
  const words = wordsOfConsole()

  it.each(pages.filter((path) => /^docs\/guides\/console[^/]*\.md$/.test(path)))(
    "%s sets only words of the console in bold or italics",
    (path) => {
      expect(emphasisOf(read(path)).filter((label) => !words.has(plain(label)))).toEqual([])
    },
  )
})

/** Texts in bold or italics outside code. */
function emphasisOf(page: string): string[] {
  const prose = page.replaceAll(/^```.*?^```/gms, "").replaceAll(/`[^`]*`/g, "")
  return [...prose.matchAll(/(?<!\*)(\*{1,2})(?=[^\s*])([^*]+)\1(?!\*)/g)].map(([, , label = ""]) => label)
}

/** Every string of the console's files of words and of its pages' names. */
function wordsOfConsole(): ReadonlySet<string> {
  const sources = filesOf("packages/console/src/**/{messages/en/*,*words*,page}.{ts,tsx}").map(read)
  return new Set(sources.flatMap((source) => [...source.matchAll(/"([^"\n]+)"/g)].map(([, word = ""]) => plain(word))))
}

/** Case, line breaks and the full stop at the end make no difference between a label and its quotation. */
function plain(label: string): string {
  return label.replaceAll(/\s+/g, " ").replace(/\.$/, "").toLowerCase()
}

describe("docs/security-model.md", () => {
  const lines = read("docs/security-model.md").split("\n")

  it("names a test for each thing that it says somebody does not get", () => {
    const refusals = lines.filter((line) => /^\| [^|]*does not get \|/.test(line))
    expect(refusals.length).toBeGreaterThan(20)
    expect(refusals.filter((line) => !/\]\([^)]+\.test\.ts\)/.test(line))).toEqual([])
  })
})

describe("the checks themselves", () => {
  it("see a label in bold and in italics, and none in code", () => {
    expect(emphasisOf("**Lift a\nhold**, then *Request*.\n\n```sh\nls *.a *.b\n```\n`a * b * c`")).toEqual([
      "Lift a\nhold",
      "Request",
    ])
  })

  it("see a call that is not answered, and one by another method", () => {
    const code = "GET /v1/cases/{caseId}/items and POST /v1/cases/ID/claim?x=1, but DELETE /v1/cases/ID and GET /v1/no"
    expect(unknownCalls(code, calls)).toEqual(["DELETE /v1/cases/ID", "GET /v1/no"])
  })
})
