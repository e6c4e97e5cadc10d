import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { MINUTE_MS } from "@nightlight/core"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar, sha256, zip } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { testCardPixels, testCardPng } from "@nightlight/screening"
import sharp, { type Sharp } from "sharp"
import { describe, expect, it } from "vitest"
import { findingsOf } from "./support/scans.ts"

const SIDE = Math.sqrt(testCardPixels(0).length / 3)
const UNKNOWN = digestRecord(Buffer.from("words that a list knows"), "sha256")
const COMMAND = fileURLToPath(new URL("support/command.ts", import.meta.url))

/** Pages of one size, all plain but one that is a test card. */
function pages(count: number, card: number): Sharp {
  const page = SIDE * SIDE * 3
  const pixels = new Uint8Array(count * page)
  for (let index = 0; index < count; index++) pixels.fill((index * 7) % 256, index * page, (index + 1) * page)
  pixels.set(testCardPixels(0), card * page)
  return sharp(pixels, { raw: { width: SIDE, height: SIDE * count, channels: 3, pageHeight: SIDE } })
}

/** Black everywhere: only against white does its alpha show the card. */
async function onlyOnWhite(): Promise<Uint8Array> {
  const card = testCardPixels(1)
  const pixels = new Uint8Array(SIDE * SIDE * 4)
  for (let index = 0; index < SIDE * SIDE; index++) {
    const grey = 0.3 * (card[index * 3] ?? 0) + 0.59 * (card[index * 3 + 1] ?? 0) + 0.11 * (card[index * 3 + 2] ?? 0)
    pixels[index * 4 + 3] = 255 - Math.round(grey)
  }
  return await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 4 } })
    .png()
    .toBuffer()
}

describe("a test card, wherever it is hidden,", () => {
  it("is found or refused, and is in no clean copy", { timeout: 3 * MINUTE_MS }, async () => {
    using test = await testWorkspace()
    const card = testCardPng(2)
    const archive = await zip([{ name: "card.png", content: card }])
    const hidden: Readonly<Record<string, Uint8Array>> = {
      "frame-57.webp": await pages(60, 57).webp({ loop: 0, quality: 90 }).toBuffer(),
      "page-2.tif": await pages(2, 1).tiff({ compression: "lzw" }).toBuffer(),
      "only-on-white.png": await onlyOnWhite(),
      "polyglot.png": Buffer.concat([
        await sharp(await jpeg(1))
          .png()
          .toBuffer(),
        archive,
      ]),
      "nested.zip": await zip([{ name: "inner.tar", content: plainTar({ "deeper.zip": archive }) }]),
      "turned.jpg": await sharp(card).rotate(90).withMetadata({ orientation: 3 }).jpeg({ quality: 90 }).toBuffer(),
      "framed.jpg": await sharp(card)
        .extend({ top: 80, bottom: 80, background: "black" })
        .jpeg({ quality: 90 })
        .toBuffer(),
    }
    writeFiles(test.pathOf("data"), { ...hidden, "clear.jpg": await jpeg(2) })
    await importRecords(test.workspace, [UNKNOWN])
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
    const clean = filesBelow(test.pathOf("clean"))
    // A zip is a shard of its own: nothing of it is left but its end.
    expect(Object.keys(clean)).toEqual(["clear.jpg", "nested.zip"])
    expect(clean["nested.zip"]?.length).toBe(22)
    expect(report.withheldSamples).toBe(Object.keys(hidden).length)
    const found = new Map(findingsOf(test.workspace).map((finding) => [finding.itemDigest, finding]))
    const findingOf = (name: string) =>
      found.get(test.workspace.keyed.of("item", sha256(hidden[name] ?? new Uint8Array())))
    expect(findingOf("frame-57.webp")?.matches[0]?.transformation?.frame).toBe(57)
    expect(findingOf("page-2.tif")?.matches[0]?.transformation?.frame).toBe(1)
    expect(findingOf("only-on-white.png")?.matches[0]?.transformation?.background).toBe("white")
    expect(findingOf("framed.jpg")?.matches[0]?.transformation?.crop).toBe("letterbox")
    expect(findingOf("turned.jpg")?.decision).toBe("review")
  })
})

/** A file that a process holds open for writing. */
function writtenBy(pid: string): readonly string[] {
  try {
    // The programs that start a decoder make its root of empty files, before there is any content.
    if (basename(readlinkSync(`/proc/${pid}/exe`)) !== "node") return []
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"))?.[1] ?? "0"
      return (Number.parseInt(flags, 8) & 3) === 0 ? [] : [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    })
  } catch {
    // It ended while it was looked at.
    return []
  }
}

/** A process and all that descend from it. */
function familyOf(root: number): readonly string[] {
  const parents = new Map<string, string>()
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      parents.set(pid, /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] ?? "0")
    } catch {
      // Ended meanwhile.
    }
  }
  const family = new Set([String(root)])
  for (let size = 0; size !== family.size; ) {
    size = family.size
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid)
  }
  return [...family]
}

describe.skipIf(process.platform !== "linux")("a scan of large pictures", () => {
  it("opens nothing for writing outside workspace and copy, not even unnamed files", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    using test = await testWorkspace({ custody: "seal" })
    const [width, height] = [7_000, 7_000]
    const large = await sharp(await jpeg(970))
      .resize(width, height, { fit: "fill", kernel: "nearest" })
      .webp({ effort: 0, quality: 50 })
      .toBuffer()
    writeFiles(test.pathOf("data"), { "large.webp": large, "x.tar": plainTar({ "large.webp": large }) })
    await importRecords(test.workspace, [digestRecord(large, "sha256")])
    const args = ["--workspace", test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--quiet"]
    const child = spawn(process.execPath, ["-C", "@nightlight/source", COMMAND, ...args], { stdio: "ignore" })
    const opened = new Set<string>()
    let family: readonly string[] = []
    let looks = 0
    const timer = setInterval(() => {
      if (looks++ % 10 === 0) family = familyOf(child.pid ?? 0)
      for (const pid of family) for (const path of writtenBy(pid)) opened.add(path)
    }, 5)
    const [exit] = await once(child, "close")
    clearInterval(timer)
    expect(exit).toBe(0)
    expect(looks).toBeGreaterThan(20)
    const elsewhere = [...opened].filter(
      (path) =>
        !/^(pipe|socket|anon_inode):|^\/dev\/(null|pts\/|tty|urandom)|^\/memfd:/.test(path) &&
        !path.startsWith(`${test.root}/`) &&
        !path.startsWith(`${test.pathOf("clean")}/`),
    )
    expect(elsewhere).toEqual([])
    expect([...opened].some((path) => path.startsWith(test.root))).toBe(true)
  })
})
