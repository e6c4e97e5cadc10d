/**
 * Opens archives inside an item, in memory and within limits.
 * @module
 */
import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import { compact, type InconclusiveCause, ShardError } from "@nightlight/core"
import { bytesSource } from "../readers/source.ts"
import type { ReaderLimits } from "../readers/types.ts"
import { zstdParts } from "./compression/zstd-parts.ts"
import { type ArchiveFormat, SNIFF_BYTES, sniffArchive } from "./sniff.ts"
import { readTarEntries } from "./tar/entries.ts"
import { randomTarInput } from "./tar/input.ts"
import { readZipDirectory } from "./zip/directory.ts"
import { readZipEntry } from "./zip/entry.ts"

const inflate = promisify(gunzip)
const NO_BYTES = new Uint8Array()

/** A member of an archive inside an item. */
export interface NestedMember {
  /** Its container's place, `!/` and its own name. */
  readonly place: string
  readonly depth: number
  readonly bytes: Uint8Array
  readonly sizeBytes: number
  readonly opened?: true
  readonly refused?: InconclusiveCause
  readonly unread?: true
}

/** The result of opening an item. */
export interface Expansion {
  /** Whether it is an archive, and all of it was read. */
  readonly opened: boolean
  /** Why not; everything inside and around it is withheld with it. */
  readonly refused?: InconclusiveCause
  /** Depth first, each container before its members; includes those read before a refusal. */
  readonly members: readonly NestedMember[]
}

/** Bytes to open, and their name. */
export interface Container {
  readonly place: string
  readonly depth: number
  readonly bytes: Uint8Array
}

/** Items and bytes that all archives inside one item may still take. */
export interface NestedBudget {
  items: number
  bytes: number
}

/**
 * Opens an item if its content is an archive: zip (including NumPy's npz), tar, gzip or zstd, and the archives inside. Never
 * throws because of the bytes.
 */
export async function expandArchive(
  container: Container,
  limits: ReaderLimits,
  budget: NestedBudget,
  signal: AbortSignal,
): Promise<Expansion> {
  const format = sniffArchive(container.bytes.subarray(0, SNIFF_BYTES))
  if (format === undefined) return { opened: false, members: [] }
  const members: NestedMember[] = []
  const context: Context = { limits, budget, signal, members }
  if (container.depth >= limits.nestedDepth) return { opened: false, refused: "archive_limit", members }
  try {
    const isOpen = await OPENERS[format](container, context)
    const refused = members.find((member) => member.refused?.startsWith("archive_") === true)?.refused
    return refused === undefined ? { opened: isOpen, members } : { opened: false, refused, members }
  } catch (error) {
    if (error instanceof ShardError) return { opened: false, refused: causeOf(error), members }
    throw error
  }
}

/**
 * Lists files that a reader found encoded inside an item, and opens the archives among them. Never throws because of
 * the bytes.
 */
export async function expandFiles(
  {
    place,
    files,
  }: { readonly place: string; readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[] },
  limits: ReaderLimits,
  budget: NestedBudget,
  signal: AbortSignal,
): Promise<Expansion> {
  const members: NestedMember[] = []
  const context: Context = { limits, budget, signal, members }
  const container = { place, depth: 0, bytes: NO_BYTES }
  try {
    for (const { name, bytes } of files) {
      spend(context, bytes.length)
      await add(container, { name, sizeBytes: bytes.length, bytes }, context)
    }
  } catch (error) {
    if (!(error instanceof ShardError)) throw error
    return { opened: false, refused: causeOf(error), members }
  }
  const refused = members.find((member) => member.refused?.startsWith("archive_") === true)?.refused
  return { opened: false, members, ...compact({ refused }) }
}

interface Context {
  readonly limits: ReaderLimits
  readonly budget: NestedBudget
  readonly signal: AbortSignal
  readonly members: NestedMember[]
}

type Opener = (container: Container, context: Context) => Promise<boolean>

const OPENERS: Readonly<Record<ArchiveFormat, Opener>> = {
  zip: openZip,
  tar: openTar,
  gzip: openGzip,
  zstd: openZstd,
}

async function openZip(container: Container, context: Context): Promise<boolean> {
  const source = bytesSource(container.bytes)
  const directory = await readZipDirectory(source, context.limits)
  if (!directory.isTight) throw new ShardError("shard_malformed", "a nested zip contains bytes that belong to no entry")
  for (const entry of directory.entries) {
    if (entry.isFolder) continue
    const about = { name: entry.name, sizeBytes: entry.sizeBytes, ...refusalOf(entry) }
    if (entry.unread === true) {
      await add(container, { ...about, bytes: NO_BYTES }, context)
      continue
    }
    if (entry.method !== 0) spend(context, entry.sizeBytes)
    await add(container, { ...about, bytes: await readZipEntry(source, entry) }, context)
  }
  return true
}

async function openTar(container: Container, context: Context): Promise<boolean> {
  const input = randomTarInput(bytesSource(container.bytes))
  for await (const entry of readTarEntries(input, context.limits)) {
    if (entry.kind === "end" || (entry.kind === "folder" && entry.refused === undefined)) continue
    const isRead = entry.kind === "file"
    const bytes = isRead ? container.bytes.subarray(entry.dataStart, entry.dataStart + entry.sizeBytes) : NO_BYTES
    if (isRead && bytes.length < entry.sizeBytes) throw new ShardError("shard_malformed", "a nested tar is cut short")
    const about = { name: entry.name, sizeBytes: bytes.length, bytes, ...refusalOf(entry) }
    await add(container, isRead ? about : { ...about, unread: true }, context)
  }
  return true
}

async function openGzip(container: Container, context: Context): Promise<boolean> {
  const maxOutputLength = Math.max(1, mostInflated(container, context))
  let bytes: Uint8Array
  try {
    bytes = await inflate(container.bytes, { maxOutputLength })
  } catch (error) {
    if (error instanceof RangeError) throw new ShardError("shard_limit", "a nested gzip inflates beyond the limit")
    throw new ShardError("shard_malformed", "a nested gzip is damaged or cut short")
  }
  await addInflated(container, bytes, context)
  return true
}

async function openZstd(container: Container, context: Context): Promise<boolean> {
  const most = mostInflated(container, context)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const part of zstdParts(bytesSource(container.bytes))) {
    if (part.kind !== "data") continue
    sizeBytes += part.bytes.length
    if (sizeBytes > most) throw new ShardError("shard_limit", "a nested zstd file inflates beyond the limit")
    chunks.push(part.bytes)
  }
  await addInflated(container, Buffer.concat(chunks), context)
  return true
}

/** Most bytes that a compressed container may inflate to. */
function mostInflated({ bytes }: Container, { limits, budget }: Context): number {
  const byRatio = Math.max(limits.ratioFloorBytes, bytes.length * limits.ratio)
  return Math.min(limits.itemBytes, budget.bytes, byRatio)
}

async function addInflated(container: Container, bytes: Uint8Array, context: Context): Promise<void> {
  spend(context, bytes.length)
  const base = container.place.slice(container.place.lastIndexOf("/") + 1)
  const name = base.replace(/\.(?:gz|zstd?)$/i, "").replace(/\.(?:tgz|tzst)$/i, ".tar")
  await add(container, { name, sizeBytes: bytes.length, bytes }, context)
}

type Found = Omit<NestedMember, "place" | "depth" | "opened"> & { readonly name: string }

async function add(container: Container, { name, ...found }: Found, context: Context): Promise<void> {
  const { limits, budget, signal, members } = context
  signal.throwIfAborted()
  if (budget.items === 0) throw new ShardError("shard_limit", "nested archives contain too many members")
  budget.items--
  const member = { ...found, place: `${container.place}!/${name}`, depth: container.depth + 1 }
  const offset = members.push(member) - 1
  if (member.unread === true) return
  const { opened, refused, members: inner } = await expandArchive(member, limits, budget, signal)
  members.push(...inner)
  if (opened) members[offset] = { ...member, opened: true }
  if (refused !== undefined) members[offset] = { ...member, refused: member.refused ?? refused }
}

/** Counts inflated bytes; those of tars and stored entries are views of their container's. */
function spend({ budget }: Context, sizeBytes: number): void {
  if (sizeBytes > budget.bytes) throw new ShardError("shard_limit", "nested archives inflate beyond the limit")
  budget.bytes -= sizeBytes
}

function refusalOf(entry: { readonly refused?: InconclusiveCause; readonly unread?: true }) {
  return compact({
    refused: entry.refused,
    unread: entry.unread,
  })
}

function causeOf(error: ShardError): InconclusiveCause {
  return error.code === "shard_limit" || error.code === "shard_bomb" ? "archive_limit" : "archive_malformed"
}
