import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { crc32 } from "node:zlib"
import {
  filesBelow,
  itemsOf,
  readBytes,
  type TemporaryFolder,
  temporaryFolder,
} from "@nightlight/dev-env/dataset/shards"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { CopyMode } from "../src/containers/decision.ts"
import type { ZipEntry } from "../src/containers/zip/directory.ts"
import { copiedRecord } from "../src/containers/zip/records.ts"
import { allBut, copyShard, datasetOf } from "./support/copying.ts"
import { field, type RawEntry, rawZip, takeApart } from "./support/raw-zip.ts"

const MODES: readonly CopyMode[] = ["clean", "purge"]
const UNKNOWN_FIELD = 0xcafe

/** The zip without the sample of one entry. */
async function copyWithout(name: string, bytes: Buffer, mode: CopyMode): Promise<Buffer> {
  using made = await datasetOf({ "s.zip": bytes })
  await copyShard(made.plan.root, made.plan.shards[0]!, made.out, { isClear: allBut(name), mode })
  return filesBelow(made.out)["s.zip"] ?? Buffer.alloc(0)
}

/** Expects of a copy that what stays of a zip is in it byte for byte, apart from offsets. */
async function expectUntouched(bytes: Buffer, gone: string): Promise<void> {
  const before = takeApart(bytes)
  const { [gone]: dropped, ...kept } = before.entries
  expect(dropped).toBeDefined()
  for (const mode of MODES) {
    const copy = await copyWithout(gone, bytes, mode)
    expect(takeApart(copy), mode).toEqual({ entries: kept, comment: before.comment })
    expect(await copyWithout(gone, bytes, mode), mode).toEqual(copy)
  }
}

describe("what stays in a zip that loses an entry", () => {
  it("keeps extra fields, attributes, comments, versions, times, flags and descriptors byte for byte", async () => {
    const bytes = rawZip(
      [
        {
          name: "1.jpg",
          content: "kept ".repeat(50),
          localExtra: Buffer.concat([field(0x5455, Buffer.alloc(9, 1)), field(0x7875, Buffer.alloc(11, 2))]),
          centralExtra: Buffer.concat([field(0x5455, Buffer.alloc(5, 1)), field(UNKNOWN_FIELD, Buffer.alloc(40, 7))]),
          comment: "taken by the sea",
          internalAttributes: 1,
          externalAttributes: 0x81a40020,
        },
        { name: "2.jpg", content: "withheld" },
        { name: "3.jpg", content: "streamed", descriptor: "signed", flags: 0x2, versionMadeBy: 0x0a3f },
        { name: "4.jpg", content: "streamed too", descriptor: "plain", isStored: true, versionNeeded: 45 },
        { name: "5.jpg", content: "padded", localExtra: Buffer.alloc(3) },
      ],
      "0123456789abcdef0123456789abcdef01234567",
    )
    await expectUntouched(bytes, "2.jpg")
  })

  it("is byte for byte what it was, for any extra fields, comments and attributes", async () => {
    const bytesOf = (maxLength: number) => fc.uint8Array({ maxLength })
    const extra = fc
      .array(fc.tuple(fc.constantFrom(0x5455, 0x000a, 0x7875, UNKNOWN_FIELD, 0xd935), bytesOf(50)), { maxLength: 4 })
      .map((fields) => Buffer.concat(fields.map(([id, data]) => field(id, data))))
    const short = fc.integer({ min: 0, max: 0xffff })
    const entry: fc.Arbitrary<Omit<RawEntry, "name">> = fc.record(
      {
        content: fc.string({ maxLength: 200 }),
        localExtra: extra,
        centralExtra: extra,
        comment: fc.string({ maxLength: 60 }),
        versionMadeBy: fc.constantFrom(0x0014, 0x031e, 0x0b3f, 0x133f),
        internalAttributes: short,
        externalAttributes: fc.constantFrom(0, 0x20, 0x81a40000, 0x81ed0001),
        time: short,
        date: short,
        flags: fc.constantFrom(0, 2, 4, 6, 0x800),
        descriptor: fc.constantFrom("signed" as const, "plain" as const),
        isStored: fc.boolean(),
      },
      { requiredKeys: ["content"] },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 2, maxLength: 6 }),
        fc.nat(),
        fc.string({ maxLength: 60 }).filter((text) => !text.includes("PK")),
        async (entries, gone, comment) => {
          const named = entries.map((one, index) => ({ ...one, name: `${index}.jpg` }))
          await expectUntouched(rawZip(named, comment), `${gone % named.length}.jpg`)
        },
      ),
      { numRuns: 40 },
    )
  })

  it("loses in a clean copy, and keeps in a purge, comments and extra fields that could hold a picture", async () => {
    const large = Buffer.alloc(400, "picture")
    const times = field(0x5455, Buffer.alloc(5, 1))
    const bytes = rawZip(
      [
        { name: "1.jpg", content: "kept", centralExtra: Buffer.concat([field(UNKNOWN_FIELD, large), times]) },
        { name: "2.jpg", content: "known" },
        { name: "3.jpg", content: "noted", comment: large.toString() },
      ],
      large.toString(),
    )
    const clean = await copyWithout("2.jpg", bytes, "clean")
    expect(clean.includes("picture")).toBe(false)
    expect(clean.includes(times)).toBe(true)
    expect(itemsOf(await readBytes("s.zip", clean)).map(({ place }) => place)).toEqual(["1.jpg", "3.jpg"])
    const { "2.jpg": _, ...kept } = takeApart(bytes).entries
    expect(takeApart(await copyWithout("2.jpg", bytes, "purge"))).toEqual({ entries: kept, comment: large.toString() })
    const whole = await copyWithout("none", bytes, "clean")
    expect(whole.includes("picture")).toBe(false)
  })

  it("keeps a table's times, owners and attributes when the table loses rows", async () => {
    const about = {
      localExtra: field(0x5455, Buffer.alloc(9, 1)),
      centralExtra: field(0x5455, Buffer.alloc(5, 1)),
      comment: "rows",
      externalAttributes: 0x81a40000,
      descriptor: "signed",
      flags: 2,
    } as const
    const bytes = rawZip([
      { name: "metadata.csv", content: "file_name,text\n1.jpg,one\n2.jpg,two\n", ...about },
      { name: "1.jpg", content: "a" },
      { name: "2.jpg", content: "b" },
    ])
    const copy = await copyWithout("1.jpg", bytes, "clean")
    const table = { name: "metadata.csv", content: "file_name,text\n2.jpg,two\n" }
    const { descriptor: _, flags: __, ...stated } = about
    expect(copy).toEqual(
      rawZip([
        { ...table, ...stated },
        { name: "2.jpg", content: "b" },
      ]),
    )
  })

  it("states an offset that a longer table moved beyond 4 GiB in a field of 8 bytes, and moves one that was beyond", () => {
    const times = field(0x5455, Buffer.alloc(5, 1))
    const bytes = rawZip([{ name: "1.jpg", content: "kept", centralExtra: times, comment: "note" }])
    const record = bytes.subarray(bytes.indexOf("PK\x01\x02"), bytes.lastIndexOf("PK\x05\x06"))
    const place = { start: 0, dataStart: 35, end: 41, crc32: 0, compressedSize: 6, sizeBytes: 4 }
    const entry: ZipEntry = { name: "1.jpg", isFolder: false, method: 8, record, ...place }
    const far = Buffer.from(copiedRecord(entry, 5_000_000_000, undefined))
    expect(far.readUInt32LE(42)).toBe(0xffffffff)
    const wide = Buffer.alloc(8)
    wide.writeBigUInt64LE(5_000_000_000n)
    expect(far.subarray(51)).toEqual(Buffer.concat([field(1, wide), times, Buffer.from("note")]))
    wide.writeBigUInt64LE(7n)
    const moved = Buffer.from(copiedRecord({ ...entry, record: far }, 7, undefined))
    expect(moved.subarray(51)).toEqual(Buffer.concat([field(1, wide), times, Buffer.from("note")]))
  })

  it("withholds an entry whose local header gives it an unsafe name in UTF-8", async () => {
    const head = Buffer.alloc(5, 1)
    head.writeUInt32LE(crc32("1.jpg"), 1)
    const named = field(0x7075, Buffer.concat([head, Buffer.from("../up.jpg")]))
    const [item] = itemsOf(await readBytes("s.zip", rawZip([{ name: "1.jpg", content: "x", localExtra: named }])))
    expect(item?.refused).toBe("name_unsafe")
  })
})

/** Three pictures and a caption, as a person would pack them. */
function packed(pack: (folder: TemporaryFolder) => string): Buffer {
  using folder = temporaryFolder()
  folder.write("a/1.jpg", "kept ".repeat(100))
  folder.write("a/1.txt", "caption")
  folder.write("a/2.jpg", "withheld")
  folder.write("a/3.jpg", "kept as well")
  return readFileSync(join(folder.path, pack(folder)))
}

const has = (tool: string, ...args: readonly string[]) => spawnSync(tool, args).status === 0

const PYTHON = `
import zipfile, io
z = zipfile.ZipFile("s.zip", "w", zipfile.ZIP_DEFLATED)
z.comment = b"made by python"
for name in ["a/1.jpg", "a/1.txt", "a/2.jpg", "a/3.jpg"]:
    info = zipfile.ZipInfo.from_file(name)
    info.comment = b"note of " + name.encode()
    info.extra = b"\\xfe\\xca\\x04\\x00abcd"
    info.create_system = 3
    with z.open(info, "w", force_zip64=name == "a/3.jpg") as entry:
        entry.write(open(name, "rb").read())
z.close()
class Stream(io.RawIOBase):
    def __init__(self): self.bytes = b""
    def writable(self): return True
    def write(self, data): self.bytes += bytes(data); return len(data)
out = Stream()
with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
    for name in ["a/1.jpg", "a/1.txt", "a/2.jpg", "a/3.jpg"]: z.write(name)
open("streamed.zip", "wb").write(out.bytes)
`

/** Runs a tool in the folder and names what it made. */
function run(folder: TemporaryFolder, made: string, [tool = "", ...args]: readonly string[]): string {
  execFileSync(tool, args, { cwd: folder.path, stdio: "ignore" })
  return made
}

const hasZip = has("zip", "-v")
const hasPython = has("python3", "-V")

const WRITERS: readonly (readonly [string, boolean, string, readonly string[]])[] = [
  ["zip", hasZip, "s.zip", ["zip", "-q", "-r", "s.zip", "a"]],
  ["zip with a comment", hasZip, "s.zip", ["sh", "-c", "zip -q -r s.zip a; echo 'a comment' | zip -q -z s.zip"]],
  ["zip, streamed", hasZip, "s.zip", ["zip", "-q", "-fd", "-r", "s.zip", "a"]],
  ["zip, with ZIP64", hasZip, "s.zip", ["zip", "-q", "-fz", "-r", "s.zip", "a"]],
  ["zip, from and to a pipe", hasZip, "s.zip", ["sh", "-c", "zip -q -r - a | cat > s.zip"]],
  ["Python", hasPython, "s.zip", ["python3", "-c", PYTHON]],
  ["Python, streamed", hasPython, "streamed.zip", ["python3", "-c", PYTHON]],
  ["7-Zip", has("7zz"), "s.zip", ["7zz", "a", "-mtc=on", "-mta=on", "s.zip", "a"]],
]

describe("a zip made by other tools", () => {
  for (const [writer, isThere, made, command] of WRITERS) {
    it.skipIf(!isThere)(`keeps everything of what stays: ${writer}`, async () => {
      await expectUntouched(
        packed((folder) => run(folder, made, command)),
        "a/2.jpg",
      )
    })
  }

  it.skipIf(!has("unzip", "-v") || !has("zip", "-v")).each(MODES)("is whole for unzip: %s", async (mode) => {
    const bytes = packed((folder) => run(folder, "s.zip", ["zip", "-q", "-r", "s.zip", "a"]))
    const copy = await copyWithout("a/2.jpg", bytes, mode)
    using folder = temporaryFolder()
    expect(execFileSync("unzip", ["-t", folder.write("s.zip", copy)], { encoding: "utf8" })).toContain("No errors")
  })
})
