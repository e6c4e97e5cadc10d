import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { type MadeDataset, makeDataset } from "@nightlight/demo/generated"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

/** With the copies of listed pictures, 20,000. */
const PICTURES = 19_400
const LISTED = 100
const INTERRUPTIONS = 10
const MINUTES = 60_000

const command = join(import.meta.dirname, "../../packages/cli/bin/nightlight.js")
const env = { ...process.env, NIGHTLIGHT_PASSPHRASE: "correct horse battery" }

/** Members of a plain tar by name, with their digests. */
function membersOf(path: string): Map<string, string> {
  const bytes = readFileSync(path)
  const members = new Map<string, string>()
  for (let offset = 0; offset + 512 <= bytes.length && bytes[offset] !== 0; ) {
    const name = bytes.toString("latin1", offset, offset + 100).replace(/\0.*/s, "")
    const length = Number.parseInt(bytes.toString("latin1", offset + 124, offset + 135), 8)
    const content = bytes.subarray(offset + 512, offset + 512 + length)
    members.set(name, createHash("sha256").update(content).digest("hex"))
    offset += 512 + Math.ceil(length / 512) * 512
  }
  return members
}

/** Digests of all files in a folder, by name. */
function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex"),
      ]),
  )
}

describe(`a scan of ${(PICTURES + LISTED * 6).toLocaleString("en")} JPEGs with planted copies of listed pictures`, () => {
  let folder: string
  let made: MadeDataset
  const pathOf = (...parts: string[]) => join(folder, ...parts)
  const start = (...argv: string[]): ChildProcess =>
    spawn(process.execPath, [command, "--workspace", pathOf("workspace"), ...argv], {
      env,
      stdio: ["ignore", "pipe", "ignore"],
    })
  const run = async (...argv: string[]): Promise<{ status: number | null; report: Record<string, unknown> }> => {
    const child = start(...argv, "--json")
    let text = ""
    child.stdout?.setEncoding("utf8").on("data", (part: string) => {
      text += part
    })
    const [status] = (await once(child, "close")) as [number | null]
    return { status, report: JSON.parse(text) as Record<string, unknown> }
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nightlight-planted-"))
    made = await makeDataset({
      folder: pathOf("data"),
      pictures: PICTURES,
      listed: LISTED,
      perShard: 1_000,
      side: 320,
    })
    writeFileSync(pathOf("list.csv"), made.listCsv)
    await run("init", "--yes")
    await run("lists", "import", pathOf("list.csv"), "--name", "ours", "--trust", "trusted")
  }, 30 * MINUTES)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it(
    "withholds every planted copy, however it was changed, and nothing else",
    async () => {
      const { status, report } = await run("scan", pathOf("data"), "--out", pathOf("clean"))
      expect(status).toBe(0)
      expect(report).toMatchObject({ withheldSamples: made.planted.length, decisions: { quarantine: LISTED } })
      for (const shard of made.shards) {
        const withheld = new Set(made.planted.filter((plant) => plant.shard === shard).map((plant) => plant.key))
        const expected = [...membersOf(pathOf("data", shard))].filter(
          ([name]) => !withheld.has(name.split(".")[0] ?? ""),
        )
        expect([...membersOf(pathOf("clean", shard))]).toEqual(expected)
      }
    },
    30 * MINUTES,
  )

  it(
    `killed ${INTERRUPTIONS} times at random and run again, writes the same clean copy and the same sidecars`,
    async () => {
      const reference = Number((/(\d+)$/.exec("s-000001") ?? [])[1])
      for (let interruption = 0; interruption < INTERRUPTIONS; interruption++) {
        const child = start("scan", pathOf("data"), "--out", pathOf("again"))
        await Promise.race([once(child, "exit"), wait(300 + Math.random() * 20_000)])
        child.kill("SIGKILL")
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
      }
      const { status, report } = await run("scan", pathOf("data"), "--out", pathOf("again"))
      expect(status).toBe(0)
      expect(report).toMatchObject({ scan: `s-${String(reference + 1).padStart(6, "0")}`, state: "complete" })
      expect(filesOf(pathOf("again"))).toEqual(filesOf(pathOf("clean")))
      const findings = (scan: string) =>
        readdirSync(pathOf("workspace", "scans", scan, "findings"))
          .sort()
          .flatMap((name) => readFileSync(pathOf("workspace", "scans", scan, "findings", name), "utf8").split("\n"))
          .filter((line) => line !== "")
          .map((line) => {
            const { foundAt: _foundAt, scan: _scan, evidence, ...finding } = JSON.parse(line) as Record<string, unknown>
            const { id, content } = evidence as { id: string; content: boolean }
            return { ...finding, evidence: { id, content } }
          })
      expect(findings("s-000002")).toEqual(findings("s-000001"))
      expect(await run("evidence", "verify")).toMatchObject({ status: 0, report: { checked: made.planted.length } })
      expect(await run("audit", "verify")).toMatchObject({ status: 0 })
    },
    30 * MINUTES,
  )
})
