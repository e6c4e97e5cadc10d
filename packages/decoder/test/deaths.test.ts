import { execFile, spawn } from "node:child_process"
import { hash } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { promisify } from "node:util"
import type { Fingerprint } from "@nightlight/core"
import { MINUTE_MS } from "@nightlight/core"
import { skipUnlessGranted, TRIED_ISOLATIONS } from "@nightlight/dev-env/machine/isolations"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { type Decoder, type DecoderOptions, openDecoder } from "../src/index.ts"
import { scene, toSharp } from "./pictures.ts"
import { openTestDecoder, put, temporaryFolder } from "./support.ts"

const UNRULY = join(import.meta.dirname, "stubs/unruly-child.ts")

const HOLDER = join(import.meta.dirname, "stubs/holder.ts")

const CROWDED = join(import.meta.dirname, "stubs/crowded.ts")

const MEGABYTE = 1024 * 1024

const NAMES = Array.from({ length: 12 }, (_, i) => `${i}.jpg`)

let folder: string
/** The expected fingerprint of every picture in the folder. */
let expected: Fingerprint[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "nightlight-decoder-"))
  for (const [i, name] of NAMES.entries())
    put(
      folder,
      name,
      await toSharp(scene(i, 64, 48))
        .jpeg()
        .toBuffer(),
    )
  const calm = await openDecoder({ readRoots: [folder], processes: 1, profile: "fullres", kernel: "exact" })
  expected = await all(calm, NAMES)
  await calm[Symbol.asyncDispose]()
})

afterAll(() => rmSync(folder, { recursive: true }))

/** Puts a file into the folder, whose name makes the unruly child misbehave. */
async function mark(name: string): Promise<string> {
  put(
    folder,
    name,
    await toSharp(scene(77, 64, 48))
      .jpeg()
      .toBuffer(),
  )
  return name
}

const all = (decoder: Decoder, names: readonly string[]): Promise<Fingerprint[]> =>
  Promise.all(names.map((name) => decoder.fingerprint({ kind: "file", path: join(folder, name) })))

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const openUnruly = (options: Partial<DecoderOptions> = {}) =>
  openTestDecoder({ readRoots: [folder], processes: 2, entry: UNRULY, ...options })

describe("a child that dies", () => {
  /** Puts each misbehaving item between ordinary ones, and returns the cause of each. */
  async function causesAmong(misdeeds: readonly string[], options: Partial<DecoderOptions> = {}) {
    const marked = await Promise.all(misdeeds.map((misdeed) => mark(`${misdeed}.jpg`)))
    const names = NAMES.flatMap((name, i) => [name, ...marked.slice(i, i + 1)])
    const seen = new Map((await all(await openUnruly(options), names)).map((one, i) => [names[i], one]))
    const blamed = marked.map((name) => seen.get(name))
    expect(blamed.filter((one) => one?.picture !== undefined)).toEqual([])
    expect(NAMES.map((name) => seen.get(name))).toEqual(expected)
    return Object.fromEntries(misdeeds.map((misdeed, i) => [misdeed, blamed[i]?.inconclusive]))
  }

  it("by abort, exit, kill or a false answer costs only the marked item", { timeout: 3 * MINUTE_MS }, async () => {
    const misdeeds = ["abort", "exit", "kill", "garbage", "huge", "strangers", "liar", "endless"]
    const causes = await causesAmong(misdeeds, { limits: { maxMemoryBytes: 400 * MEGABYTE } })
    expect(causes).toEqual(Object.fromEntries(misdeeds.map((misdeed) => [misdeed, "decoder_died"])))
  })

  it("by taking too long costs only the marked item", async () => {
    const limits = { timeoutMs: 800, maxMemoryBytes: 400 * MEGABYTE }
    expect(await causesAmong(["hang", "sleep"], { limits })).toEqual({ hang: "time_limit", sleep: "time_limit" })
  })

  it("by taking too much memory costs only the marked item", async () => {
    const limits = { timeoutMs: 20_000, maxMemoryBytes: 400 * MEGABYTE }
    expect(await causesAmong(["hog"], { limits })).toEqual({ hog: "memory_limit" })
  })

  it("is not blamed on an item that waited for the slow item's thread", async () => {
    const names = [await mark("sleep.jpg"), await mark("behind.jpg")]
    const decoder = await openUnruly({ processes: 1, inFlight: 1, limits: { timeoutMs: 800 } })

    const [slow, behind] = await all(decoder, names)

    expect(slow?.inconclusive).toBe("time_limit")
    expect(behind).toHaveProperty("picture")
  })

  it("is not a child that answered while its parent was stopped for longer than the limit", async () => {
    const limits = { timeoutMs: 1500 }
    const decoder = await openTestDecoder({ readRoots: [folder], limits })
    const seen = all(decoder, NAMES)
    // Items sent in one turn of the event loop are written after it.
    await setImmediate()

    // Like Ctrl-Z: the children continue.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * limits.timeoutMs)

    expect(await seen).toEqual(expected)
  })

  it("costs each of several marked items, and does not affect a later run", { timeout: 3 * MINUTE_MS }, async () => {
    const names = [await mark("abort.a.jpg"), "0.jpg", await mark("kill.b.jpg"), "1.jpg"]
    const decoder = await openUnruly()

    for (let run = 0; run < 2; run++) {
      const seen = await all(decoder, names)
      const causes = seen.map(({ inconclusive }) => inconclusive ?? "fine")
      expect(causes).toEqual(["decoder_died", "fine", "decoder_died", "fine"])
    }
  })

  it("leaves the digests of bytes in memory, so that a list can still match them", async () => {
    const bytes = Buffer.from("abort.")
    const decoder = await openUnruly()

    const seen = await decoder.fingerprint({ kind: "bytes", bytes })

    expect(seen).toMatchObject({ inconclusive: "decoder_died", sizeBytes: 6, sha256: hash("sha256", bytes) })
  })
})

describe("a pool", () => {
  it("reports that no decoder can be started when children die before they are ready", async () => {
    const entry = put(temporaryFolder(), "broken.mjs", Buffer.from("process.exit(1)"))
    await expect(openTestDecoder({ entry })).rejects.toMatchObject({ code: "decoder_unavailable" })
  })

  it("finishes its items when it is disposed of, then takes no more", async () => {
    const decoder = await openTestDecoder({ readRoots: [folder] })
    const pending = all(decoder, NAMES)

    await decoder[Symbol.asyncDispose]()

    expect(await pending).toEqual(expected)
    const late = decoder.fingerprint({ kind: "bytes", bytes: new Uint8Array(1) })
    await expect(late).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("rejects an aborted item with the signal's reason and continues with the others", async () => {
    const stuck = join(folder, await mark("sleep.jpg"))
    const decoder = await openUnruly({ processes: 1, limits: { timeoutMs: 5000 } })
    const stop = new AbortController()
    const reason = new Error("stopped")
    const aborted = decoder.fingerprint({ kind: "file", path: stuck }, stop.signal)
    const neverBegun = decoder.fingerprint({ kind: "file", path: join(folder, "0.jpg") }, AbortSignal.abort(reason))
    stop.abort(reason)

    await expect(aborted).rejects.toBe(reason)
    await expect(neverBegun).rejects.toBe(reason)
    expect(await all(decoder, NAMES)).toEqual(expected)
  })

  it("replaces worn children without changing any answer", async () => {
    const decoder = await openTestDecoder({ readRoots: [folder], processes: 2, itemsPerChild: 3 })
    expect(await all(decoder, [...NAMES, ...NAMES])).toEqual([...expected, ...expected])
  })

  it("throws an error and does not end its process when no file descriptor is left for a child", async () => {
    const crowded = ["-S -n 80; exec", process.execPath, "-C @nightlight/source", CROWDED].join(" ")
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", `ulimit ${crowded}`])
    const said: unknown = JSON.parse(stdout)
    expect(said).toEqual(["decoder_unavailable", "decoder_unavailable", { kind: "failure", cause: "not_a_picture" }])
  })

  it.for(TRIED_ISOLATIONS)("leaves no child behind when its process is killed (%s)", async (isolation, { skip }) => {
    skipUnlessGranted(isolation, skip)
    const holder = spawn(process.execPath, ["-C", "@nightlight/source", HOLDER, folder, isolation], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    const [line] = (await once(holder.stdout, "data")) as [Buffer]
    const children = line.toString().trim().split(" ").map(Number)
    expect(children.every(isAlive)).toBe(true)

    holder.kill("SIGKILL")

    await vi.waitUntil(() => !children.some(isAlive), { timeout: 20_000 })
  })

  it.for(TRIED_ISOLATIONS)("gives the same answers in every isolation (%s)", async (isolation, { skip }) => {
    skipUnlessGranted(isolation, skip)
    const decoder = await openTestDecoder({ readRoots: [folder], isolation })
    expect(decoder.isolation).toBe(isolation)
    expect(await all(decoder, NAMES)).toEqual(expected)
  })
})
