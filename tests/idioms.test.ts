import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { root } from "./support/source-tree.ts"

const folder = mkdtempSync(join(tmpdir(), "nightlight-idioms-"))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The lines that a rule of scripts/lint/idioms.mjs reports. */
function reported(rule: string, lines: readonly string[]): string[] {
  const file = join(folder, `${rule}.ts`)
  const config = join(folder, `${rule}.json`)
  writeFileSync(file, lines.join("\n"))
  const plugin = join(root, "scripts/lint/idioms.mjs")
  writeFileSync(
    config,
    JSON.stringify({
      jsPlugins: [plugin],
      categories: { correctness: "off" },
      rules: { [`idioms/${rule}`]: "error" },
    }),
  )
  const command = [join(root, "node_modules/oxlint/bin/oxlint"), "--config", config, "--format", "unix", file]
  const { stdout, status } = spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8" })
  expect([0, 1]).toContain(status)
  const numbers = [...stdout.matchAll(/\.ts:(\d+):\d+: .*idioms/g)].map(([, line]) => Number(line))
  return [...new Set(numbers)].sort((a, b) => a - b).map((number) => lines[number - 1] ?? "")
}

it("reports every spread that adds members only if a condition holds", () => {
  const conditional = [
    "f({ ...(c ? { a } : {}) })",
    "f({ ...(c ? {} : { a }) })",
    "f({ ...(c ? ({ a } as A) : {}) })",
    "f({ ...((c ? { a } : ({} satisfies A)) as A) })",
    "f({ ...(c ? { a } : undefined) })",
    "f({ ...(c ? g() : {}) })",
    "f({ ...(c && { a }) })",
    "f({ ...(c && g()) })",
    "f({ ...((c && a)!) })",
    "const rest = c ? {} : { a }",
    "const more = (c ? { a } : {}) as A",
  ]
  const plain = [
    "f({ ...(c ? { a } : { b }) })",
    "f({ ...(c ? g() : h()) })",
    "f({ ...(a ?? b) })",
    "f([...(c ? [a] : [])])",
    "const either = c ? { a } : { b }",
    "const value = c ? g() : {}",
  ]
  expect(reported("no-conditional-spread", [...conditional, ...plain])).toEqual(conditional)
})

it("reports a literal that is spread into another", () => {
  const packed = ["f({ ...{ a }, b })", "f([...[a], b])", "f({ ...({ a } as A), b })", "f({ ...({ a })!, b })"]
  const plain = ["f({ a, b })", "f({ ...a, b })", "f([...a, b])"]
  expect(reported("no-packed-literal", [...packed, ...plain])).toEqual(packed)
})
