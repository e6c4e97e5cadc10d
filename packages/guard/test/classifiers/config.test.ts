import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { parse } from "yaml"
import { buildClassifier } from "../../src/checks/classifiers/build.ts"
import { CheckConfig } from "../../src/config/schema.ts"

const dir = mkdtempSync(join(tmpdir(), "nightlight-classifiers-"))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const root = join(import.meta.dirname, "../../../..")
const checks = ["docs/guides/guard-checks.md", "extras/adult-content/README.md"]
  .flatMap((page) =>
    Array.from(
      readFileSync(join(root, page), "utf8").matchAll(/```yaml\n([\s\S]*?)```/g),
      ([, text = ""]) => parse(text) as { checks?: unknown[] },
    ),
  )
  .flatMap((block) => block.checks ?? [])

it("accepts every check that the guides show, and makes each classifier", async () => {
  writeFileSync(join(dir, "moderation.key"), "for-tests\n")
  writeFileSync(join(dir, "policy.md"), "Birds are a violation.\n")
  const kinds: string[] = []
  for (const shown of checks) {
    const config = CheckConfig.parse(shown)
    kinds.push(config.kind)
    if (config.kind === "hash-match" || config.kind === "patterns" || config.kind === "account") continue
    const { check } = await buildClassifier(config, dir)
    expect(check).toMatchObject({ name: config.name, kind: "classifier", failureMode: "closed" })
    await check.close?.()
  }
  expect([...new Set(kinds)].sort((a, b) => a.localeCompare(b))).toEqual([
    "account",
    "hash-match",
    "http-detector",
    "llama-guard",
    "moderation",
    "patterns",
    "safeguard",
  ])
})

it("refuses a missing key or policy file, and failing open by one person's approval", async () => {
  const shown = checks.find((check) => (check as { kind: string }).kind === "safeguard") as object
  const config = (over: object) => CheckConfig.parse({ ...shown, ...over })
  for (const over of [{ keyFile: "missing" }, { policyFile: "missing" }]) {
    const parsed = config(over)
    if (parsed.kind !== "safeguard") throw new Error(parsed.kind)
    await expect(buildClassifier(parsed, dir)).rejects.toMatchObject({ code: "config_invalid" })
  }
  const failOpen = { reason: "trial", until: "2026-12-31T00:00:00Z" }
  expect(() => config({ failOpen: { ...failOpen, approvedBy: ["Ann", " ann"] } })).toThrow()
  expect(config({ failOpen: { ...failOpen, approvedBy: ["Ann", "Bob"] } })).toMatchObject({ failOpen })
})
