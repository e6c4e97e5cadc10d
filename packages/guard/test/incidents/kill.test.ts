import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { compact } from "@nightlight/core"
import { pictureBlock, textBlock } from "@nightlight/dev-env/guard/events"
import { makePlace, open, type TestPlace } from "@nightlight/dev-env/guard/place"
import { killAtEveryStep } from "@nightlight/dev-env/machine/kill-at-every-step"
import { toKeyedDigest } from "@nightlight/vault"
import { verifyEvidence } from "@nightlight/vault/open"
import { describe, expect, it } from "vitest"
import { readKeptIncidents } from "../../src/index.ts"

const COUNT = 4
const key = randomBytes(32)
const here = (path: string) => new URL(path, import.meta.url).pathname

/** Runs the child until its end, or until it is killed at an operation on the file system. */
function run(root: string, killAt?: number, when = "before") {
  const flags = ["-C", "@nightlight/source", "--import", here("../../../dev-env/src/machine/kill-at.ts")]
  const args = [...flags, here("./support/keep-child.ts"), root, key.toString("hex"), String(COUNT)]
  const env = {
    ...process.env,
    ...compact({
      KILL_AT: killAt === undefined ? undefined : String(killAt),
      KILL_WHEN: killAt === undefined ? undefined : when,
    }),
  }
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] })
  let out = ""
  let complaint = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text
  })
  return new Promise<{ kept: number[]; killed: boolean; complaint: string }>((done) => {
    child.on("close", (_code, signal) => {
      const kept = out.split("\n").filter((line) => line !== "")
      done({ kept: kept.map(Number), killed: signal === "SIGKILL", complaint })
    })
  })
}

async function place(): Promise<TestPlace> {
  const made = await makePlace({ keyed: toKeyedDigest(key), segmentBytes: 2500 })
  writeFileSync(join(made.root, "manifest.json"), JSON.stringify(made.options.manifest))
  return made
}

/** A guard that starts afterwards finds everything that was said to be kept, and goes on. */
async function check(where: TestPlace, kept: readonly number[]) {
  const incidents = await open(where)
  const found = await readKeptIncidents(where.spoolDir, where.options.keyed)
  expect(found.length).toBeGreaterThanOrEqual(kept.length)
  expect(found.length).toBeLessThanOrEqual(kept.length + 1)
  for (const { finding } of found) expect(finding.evidence).toBeDefined()
  for (let n = 0; n < COUNT; n++) {
    const event = n % 2 === 0 ? textBlock(`words ${n}`) : pictureBlock(Buffer.from(`picture ${n}`))
    expect(await incidents.block(event)).toBe("kept")
  }
  // An incident that was kept before is not a new one.
  expect(incidents.state()).toEqual({ accepting: true, spooled: COUNT })
  await incidents.close()
  expect(where.alarms).toEqual([])
  const ids = new Set<string>()
  for await (const sound of verifyEvidence(where.evidenceDir, [where.identity], { keyedDigest: where.options.keyed })) {
    expect(sound.ok).toBe(true)
    ids.add(sound.evidenceId)
  }
  for (const { finding } of await readKeptIncidents(where.spoolDir, where.options.keyed)) {
    expect(ids).toContain(finding.evidence?.id)
  }
}

describe("a guard that is killed", () => {
  it("still has every incident that it said was kept, at whichever operation it dies", async () => {
    await using whole = await place()
    const ended = await run(whole.root)
    expect(ended).toEqual({ kept: [0, 1, 2, 3], killed: false, complaint: "" })
    const { kills } = await killAtEveryStep({
      stride: 7,
      run: async (step) => {
        await using where = await place()
        const end = await run(where.root, step + 1, ["before", "middle", "after"][step % 3])
        await check(where, end.kept)
        return end
      },
      wasKilled: ({ killed }) => killed,
    })
    expect(kills).toBeGreaterThan(10)
  }, 1_800_000)
})
