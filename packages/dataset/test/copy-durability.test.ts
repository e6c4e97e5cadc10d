import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { filesBelow, noSignal, plainTar, plan, sha256, tar, tarMember, zip } from "@nightlight/dev-env/dataset/shards"
import { KILLS_LIMIT_MS, spreadKills } from "@nightlight/dev-env/machine/kill-at-every-step"
import { describe, expect, it } from "vitest"
import { writeCleanShard } from "../src/copy/write-shard.ts"
import { writing } from "../src/output/errors.ts"
import { localOutput } from "../src/output/local.ts"
import { DEFAULT_READER_LIMITS } from "../src/readers/limits.ts"
import { copyDataset, datasetOf } from "./support/copying.ts"

const CHILD = join(import.meta.dirname, "support/copy-child.ts")
const NODE = ["-C", "@nightlight/source"]

function runChild(...values: readonly string[]) {
  return spawnSync(process.execPath, [...NODE, CHILD, ...values], { encoding: "utf8" })
}

/** A dataset with a shard of every kind, some of it to be withheld. */
async function everyKind() {
  const large = Buffer.alloc(1_500_000, "picture")
  return datasetOf({
    "s.tar": tar(tarMember("1.jpg", large), tarMember("withheld.jpg"), tarMember("2.jpg", "x")),
    "s.idx": "offsets",
    "t.tgz": gzipSync(plainTar({ "1.jpg": "a", "withheld.jpg": "b" })),
    "u.zip": await zip([
      { name: "1.jpg", content: "a" },
      { name: "withheld.jpg", content: "b" },
    ]),
    "p/1.jpg": large,
    "p/2.jpg": "two",
    "p/withheld.jpg": "no",
    "p/metadata.csv": "file_name\n1.jpg\nwithheld.jpg\n",
  })
}

function digestsBelow(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(filesBelow(folder)).map(([name, bytes]) => [name, sha256(bytes)]))
}

describe("a copy that is killed", () => {
  it("leaves no partial file, and the next run gives the same bytes as one that was never killed", {
    timeout: KILLS_LIMIT_MS,
  }, async () => {
    using made = await everyKind()
    const whole = runChild(made.plan.root, join(made.folder.path, "whole"))
    const { steps } = JSON.parse(whole.stdout) as { steps: number }
    const expected = digestsBelow(join(made.folder.path, "whole"))
    expect(Object.keys(expected)).toEqual(["p/1.jpg", "p/2.jpg", "p/metadata.csv", "s.tar", "t.tgz", "u.zip"])
    for (const offset of spreadKills(steps, 3)) {
      const out = join(made.folder.path, `out-${offset}`)
      expect(runChild(made.plan.root, out, String(offset)).signal).toBe("SIGKILL")
      mkdirSync(out, { recursive: true })
      for (const [name, digest] of Object.entries(digestsBelow(out))) {
        if (!name.startsWith(".")) expect(digest).toBe(expected[name])
      }
      await copyDataset(await plan(made.plan.root), out, (item) => !item.place.includes("withheld"))
      expect(digestsBelow(out)).toEqual(expected)
      expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([])
    }
  })
})

describe("a source that changed since it was screened", () => {
  it("leaves nothing of the shard in the copy, whatever its kind", async () => {
    using made = await everyKind()
    for (const shard of made.plan.shards) {
      const job = { shard, output: localOutput(made.out), limits: DEFAULT_READER_LIMITS }
      const copying = writeCleanShard(job, () => ({ keep: true, sha256: "0".repeat(64) }), noSignal)
      await expect(copying).rejects.toThrow(
        expect.objectContaining({ name: "DependencyError", code: "source_changed" }),
      )
      expect(readdirSync(made.out)).toEqual([])
    }
  })

  it("has no item kept without a digest", async () => {
    using made = await datasetOf({ "1.jpg": "x", "2.jpg": "y" })
    const job = { shard: made.plan.shards[0]!, output: localOutput(made.out), limits: DEFAULT_READER_LIMITS }
    const result = await writeCleanShard(
      job,
      (sample) => (sample.ordinal === 0 ? { keep: true } : { keep: true, sha256: "" }),
      noSignal,
    )
    expect(result).toMatchObject({ itemsWritten: 0, itemsDropped: 2 })
    expect(readdirSync(made.out)).toEqual([])
  })

  it("is noticed when it changes after the plan", async () => {
    using made = await everyKind()
    writeFileSync(join(made.plan.root, "s.idx"), "other offsets")
    await expect(copyDataset(made.plan, made.out)).rejects.toThrow(expect.objectContaining({ code: "source_changed" }))
    expect(readdirSync(made.out)).toEqual([])
  })

  it("leaves nothing in the copy when it is stopped", async () => {
    using made = await everyKind()
    const stop = new AbortController()
    const job = { shard: made.plan.shards[0]!, output: localOutput(made.out), limits: DEFAULT_READER_LIMITS }
    const copying = writeCleanShard(
      job,
      () => {
        stop.abort()
        return { keep: true, sha256: "0".repeat(64) }
      },
      stop.signal,
    )
    await expect(copying).rejects.toThrow(expect.objectContaining({ name: "AbortError" }))
    expect(readdirSync(made.out)).toEqual([])
  })
})

describe("an output that cannot be written", () => {
  const canMount =
    spawnSync("unshare", ["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0

  it.skipIf(!canMount)("reports a full disk, and leaves no partial file", async () => {
    using made = await everyKind()
    mkdirSync(made.out)
    const script = 'mount -t tmpfs -o size=1m none "$1"; shift; "$@"; find "$OUT"'
    const values = [
      "--user",
      "--map-root-user",
      "--mount",
      "sh",
      "-c",
      script,
      "sh",
      made.out,
      process.execPath,
      ...NODE,
      CHILD,
    ]
    const run = spawnSync("unshare", [...values, made.plan.root, made.out], {
      encoding: "utf8",
      env: { ...process.env, OUT: made.out },
    })
    expect(run.stdout).toBe(`{"code":"disk_full"}${made.out}\n`)
  })

  it.each([
    ["ENOSPC", "disk_full"],
    ["EDQUOT", "disk_full"],
    ["EROFS", "write_failed"],
    ["EACCES", "write_failed"],
    ["EIO", "write_failed"],
  ])("turns %s into %s, without a path", async (system, code) => {
    const error = Object.assign(new Error(`${system}: write '/out/canary.jpg'`), { code: system, syscall: "write" })
    const translated: unknown = await writing(() => Promise.reject(error)).catch((thrown: unknown) => thrown)
    expect(translated).toMatchObject({ name: "DependencyError", code })
    expect(JSON.stringify(translated) + String(translated)).not.toContain("canary")
  })

  it("fails where the output is a file", async () => {
    using made = await datasetOf({ "1.jpg": "x" })
    writeFileSync(made.out, "a file")
    await expect(copyDataset(made.plan, made.out)).rejects.toThrow(expect.objectContaining({ code: "write_failed" }))
  })
})
