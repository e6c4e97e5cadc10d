import { createHash } from "node:crypto"
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { extract } from "tar-stream"
import { ZipFile } from "yazl"
import { openShard } from "../../../dataset/src/plan/open-shard.ts"
import { planDataset } from "../../../dataset/src/plan/plan-dataset.ts"
import type { DatasetPlan, ShardPlan } from "../../../dataset/src/plan/types.ts"
import { DEFAULT_READER_LIMITS } from "../../../dataset/src/readers/limits.ts"
import type { Item, ReaderLimits, Sample } from "../../../dataset/src/readers/types.ts"

/** A signal that never aborts. */
export const noSignal: AbortSignal = new AbortController().signal

/** A folder that is removed when it is disposed of. */
export interface TemporaryFolder extends Disposable {
  readonly path: string
  /** Writes a file, making its folders, and returns its absolute path. */
  write(name: string, content: string | Uint8Array): string
}

/** Makes a new folder; the caller removes it. */
export function temporaryFolder(): TemporaryFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "nightlight-dataset-")))
  return {
    path,
    write(name, content) {
      const file = join(path, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      return file
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** Fields of a tar header, which a test may malform. */
export interface HeaderFields {
  readonly name?: string | Uint8Array
  readonly prefix?: string | Uint8Array
  /** Twelve raw bytes, or a number written in octal. */
  readonly size?: number | Uint8Array
  readonly type?: string
  readonly magic?: string
  readonly isExtended?: boolean
  /** Difference from the correct checksum. */
  readonly checksumOff?: number
}

/** Makes one header block, also malformed ones, which no tool writes. */
export function tarHeader(fields: HeaderFields): Buffer {
  const { name = "a.jpg", prefix = "", size = 0, type = "0", magic = "ustar\u000000", isExtended = false } = fields
  const block = Buffer.alloc(512)
  Buffer.from(name as string).copy(block, 0, 0, 100)
  block.write("0000444\0", 100)
  block.write("0000000\0", 108)
  block.write("0000000\0", 116)
  if (typeof size === "number") block.write(`${size.toString(8).padStart(11, "0")}\0`, 124)
  else Buffer.from(size).copy(block, 124, 0, 12)
  block.write("00000000000\0", 136)
  block.write(type, 156, "latin1")
  block.write(magic, 257, "latin1")
  Buffer.from(prefix as string).copy(block, 345, 0, 155)
  if (isExtended) block[482] = 1
  block.fill(" ", 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0) + (fields.checksumOff ?? 0)
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1")
  return block
}

/** Bytes padded to whole blocks. */
export function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

/** Header and data of one member. */
export function tarMember(
  name: string | Uint8Array,
  content: string | Uint8Array = "x",
  fields: HeaderFields = {},
): Buffer {
  const bytes = Buffer.from(content as string)
  return Buffer.concat([tarHeader({ name, size: bytes.length, ...fields }), padded(bytes)])
}

/** A pax header for the next member (`g`: for all that follow). */
export function paxHeader(records: Readonly<Record<string, string | Uint8Array>>, type = "x"): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const body = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from("\n")])
    let length = body.length + 1
    while (String(length).length + body.length !== length) length++
    return Buffer.concat([Buffer.from(String(length)), body])
  })
  return tarMember("./PaxHeaders/x", Buffer.concat(lines), { type })
}

/** A GNU long name for the next member. */
export function longName(name: string, type = "L"): Buffer {
  return tarMember("././@LongLink", `${name}\0`, { type, magic: "ustar  \0" })
}

/** The two empty blocks that end a tar. */
export const TAR_END = Buffer.alloc(1024)

/** A tar made of raw parts. */
export function tar(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...parts, TAR_END])
}

/** A tar of plain members. */
export function plainTar(members: Readonly<Record<string, string | Uint8Array>>): Buffer {
  return tar(...Object.entries(members).map(([name, content]) => tarMember(name, content)))
}

/** A member of a zip. */
export interface ZipInput {
  readonly name: string
  readonly content: string | Uint8Array
  readonly isStored?: boolean
  readonly mode?: number
}

/** A zip as `yazl` writes it. */
export async function zip(entries: readonly ZipInput[], comment = ""): Promise<Buffer> {
  const file = new ZipFile()
  for (const { name, content, isStored = false, mode = 0o100644 } of entries) {
    const mtime = new Date("2024-01-02T03:04:06Z")
    if (name.endsWith("/")) file.addEmptyDirectory(name, { mtime, mode: 0o040755 })
    else file.addBuffer(Buffer.from(content as string), name, { compress: !isStored, mode, mtime })
  }
  file.end({ comment, forceZip64Format: false })
  const parts: Buffer[] = []
  for await (const part of file.outputStream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Plans one input. */
export async function plan(...inputs: readonly string[]): Promise<DatasetPlan> {
  return planDataset(inputs, {}, noSignal)
}

/** Plans one file that is a single shard. */
export async function shardOf(path: string): Promise<{ readonly root: string; readonly shard: ShardPlan }> {
  const { root, shards } = await plan(path)
  const [shard] = shards
  if (shard === undefined || shards.length !== 1) throw new Error("expected one shard")
  return { root, shard }
}

/** Reads every sample of one shard. */
export async function readShard(
  _root: string,
  shard: ShardPlan,
  limits: Partial<ReaderLimits> = {},
): Promise<readonly Sample[]> {
  await using reader = await openShard(shard, { ...DEFAULT_READER_LIMITS, ...limits }, noSignal)
  const samples: Sample[] = []
  for await (const sample of reader.samples()) samples.push(sample)
  return samples
}

/** Reads a shard from bytes. */
export async function readBytes(
  name: string,
  bytes: Uint8Array,
  limits: Partial<ReaderLimits> = {},
): Promise<readonly Sample[]> {
  using folder = temporaryFolder()
  const { root, shard } = await shardOf(folder.write(name, bytes))
  return await readShard(root, shard, limits)
}

/** Gives each sample's key and the places of its items. */
export function outline(samples: readonly Sample[]): readonly (readonly [string, ...string[]])[] {
  return samples.map(({ key, items }) => [key, ...items.map(({ place }) => place)])
}

/** The items of all samples, in order. */
export function itemsOf(samples: readonly Sample[]): readonly Item[] {
  return samples.flatMap(({ items }) => items)
}

/** An item's bytes, read as the decoder would. */
export function bytesOf({ source }: Item): Buffer {
  if (source.kind === "bytes") return Buffer.from(source.bytes)
  if (source.kind === "file") return readFileSync(source.path)
  if (source.kind === "stream") throw new TypeError("expected bytes that are read at once")
  // A shard of thousands of small ranges must not be read whole for each.
  const file = openSync(source.path, "r")
  try {
    const bytes = Buffer.alloc(source.length)
    return bytes.subarray(0, readSync(file, bytes, 0, source.length, source.offset))
  } finally {
    closeSync(file)
  }
}

/** In hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}

/** Contents of all files below a folder, by relative path. */
export function filesBelow(folder: string): Readonly<Record<string, Buffer>> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
  )
}

/** Members of a tar as `tar-stream`, another parser, reads them. */
export async function membersOf(bytes: Uint8Array): Promise<readonly (readonly [string, Buffer])[]> {
  const extractor = extract()
  extractor.end(bytes)
  const members: [string, Buffer][] = []
  for await (const entry of extractor) {
    const parts: Buffer[] = []
    for await (const part of entry) parts.push(part as Buffer)
    members.push([entry.header.name, Buffer.concat(parts)])
  }
  return members
}
