import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { ISOLATIONS } from "@nightlight/core"
import { skipUnlessGranted, TRIED_ISOLATIONS } from "@nightlight/dev-env/machine/isolations"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import type { Decoder } from "../src/index.ts"
import { scene, toSharp } from "./pictures.ts"
import { descendants } from "./processes.ts"
import { openTestDecoder, put, temporaryFolder } from "./support.ts"

/** The decoding process: the innermost one. */
function decoderPid(): number {
  const pid = descendants().at(-1)
  if (pid === undefined) throw new Error("expected a decoder child")
  return pid
}

/** Files that a process has open for writing, including deleted ones. */
function writableFiles(pid: number): string[] {
  const found: string[] = []
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`)
      const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "latin1"))?.[1] ?? "0"
      const isForWriting = (Number.parseInt(flags, 8) & 3) !== 0
      if (isForWriting && target.startsWith("/") && !target.startsWith("/dev/")) found.push(target)
    }
  } catch {
    // The process or the descriptor is gone meanwhile.
  }
  return found
}

const CAGES = ISOLATIONS.filter((isolation) => isolation !== "none")

const limitsOf = (pid: number) => readFileSync(`/proc/${pid}/limits`, "latin1")
const namespaceOf = (pid: number | "self", kind: string) => readlinkSync(`/proc/${pid}/ns/${kind}`)
const SCHED_BATCH = 3

/** Field 41 of `stat`, counted after the name, which may contain anything (proc_pid_stat(5)). */
function schedulingPolicy(task: string): number {
  const stat = readFileSync(join(task, "stat"), "latin1")
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[38])
}

const warm = (decoder: Decoder) => decoder.fingerprint({ kind: "bytes", bytes: Buffer.from("a caption") })

describe.skipIf(process.platform !== "linux")("a decoder child", () => {
  it.for(ISOLATIONS)(
    "has its own environment, no core dumps and no way to write a file (%s)",
    async (isolation, { skip }) => {
      skipUnlessGranted(isolation, skip)
      vi.stubEnv("NIGHTLIGHT_TEST_SECRET", "not to be passed on")
      onTestFinished(() => void vi.unstubAllEnvs())
      await warm(await openTestDecoder({ isolation }))
      const pid = decoderPid()

      const names = readFileSync(`/proc/${pid}/environ`, "latin1")
        .split("\0")
        .filter(Boolean)
        .map((pair) => pair.split("=")[0] ?? "")

      expect(names.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
        "LANG",
        "MALLOC_ARENA_MAX",
        "MALLOC_MMAP_THRESHOLD_",
        "MALLOC_TRIM_THRESHOLD_",
        "PWD",
        "TZ",
        "UV_THREADPOOL_SIZE",
        "VIPS_BLOCK_UNTRUSTED",
        "VIPS_CONCURRENCY",
        "VIPS_DISC_THRESHOLD",
      ])
      expect(limitsOf(pid)).toMatch(/^Max core file size +0 +0 /m)
      expect(limitsOf(pid)).toMatch(/^Max file size +0 +0 /m)
      expect(limitsOf(pid)).not.toMatch(/^Max data size +unlimited/m)
    },
  )

  it.for(ISOLATIONS)("is scheduled as a batch with all its threads (%s)", async (isolation, { skip }) => {
    skipUnlessGranted(isolation, skip)
    await warm(await openTestDecoder({ isolation }))
    const tasks = `/proc/${decoderPid()}/task`

    const policies = readdirSync(tasks).map((thread) => schedulingPolicy(join(tasks, thread)))

    expect(new Set(policies)).toEqual(new Set([SCHED_BATCH]))
  })

  it.for(CAGES)("sees only the code, the libraries and the read roots (%s)", async (isolation, { skip }) => {
    skipUnlessGranted(isolation, skip)
    const folder = temporaryFolder()
    put(folder, "inside.txt", Buffer.from("inside"))
    const decoder = await openTestDecoder({ readRoots: [folder], isolation })
    await warm(decoder)
    const pid = decoderPid()

    const root = `/proc/${pid}/root`

    for (const kind of ["mnt", "net", "pid", "ipc", "uts", "user"])
      expect(namespaceOf(pid, kind)).not.toBe(namespaceOf("self", kind))
    expect(readdirSync(join(root, folder))).toEqual(["inside.txt"])
    for (const path of ["/etc/passwd", "/root", "/home", "/proc/1", "/var", "/usr/bin/sh", "/sys"]) {
      expect(existsSync(join(root, path)), path).toBe(false)
    }
    const mounts = readFileSync(`/proc/${pid}/mountinfo`, "latin1")
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
    const writable = mounts.filter(([, , , , , options]) => options?.startsWith("rw")).map(([, , , , where]) => where)
    expect(writable.every((where) => where?.startsWith("/dev"))).toBe(true)
  })

  it.for(TRIED_ISOLATIONS)(
    "opens no file for writing while it decodes 49 megapixels (%s)",
    async (isolation, { skip }) => {
      skipUnlessGranted(isolation, skip)
      const bytes = await toSharp(scene(4, 70, 70))
        .resize(7000, 7000, { kernel: "nearest" })
        .webp({ quality: 40, effort: 0 })
        .toBuffer()
      const decoder = await openTestDecoder({ isolation, kernel: "fast" })
      await warm(decoder)
      const seen: string[] = []
      let looks = 0
      let isDone = false
      const decoding = decoder.fingerprint({ kind: "bytes", bytes }).finally(() => {
        isDone = true
      })

      while (!isDone) {
        for (const pid of descendants()) seen.push(...writableFiles(pid))
        looks++
        await setTimeout(2)
      }

      expect((await decoding).picture).toMatchObject({ width: 7000, height: 7000 })
      expect(looks).toBeGreaterThan(10)
      expect(seen).toEqual([])
    },
  )

  it("serves only one decoder, because every decoder has its own children", async () => {
    await warm(await openTestDecoder())
    const first = descendants()
    const second = await openTestDecoder()
    await warm(second)
    const both = descendants()
    expect(first.every((pid) => both.includes(pid))).toBe(true)
    await second[Symbol.asyncDispose]()
    expect(descendants()).toEqual(first)
  })

  it("has ended when its decoder is disposed of", async () => {
    const decoder = await openTestDecoder({ processes: 2 })
    await warm(decoder)
    expect(descendants().length).toBeGreaterThan(0)
    await decoder[Symbol.asyncDispose]()
    expect(descendants()).toEqual([])
  })
})
