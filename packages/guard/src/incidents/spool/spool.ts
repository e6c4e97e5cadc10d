/**
 * The spool keeps incidents that must not be lost: sealed, in order, on disk before the answer leaves, until they are
 * delivered.
 * @module
 */
import { type FileHandle, open, rm } from "node:fs/promises"
import { DependencyError, hasCode } from "@nightlight/core"
import { syncDir, toWriteError, writeAll } from "@nightlight/durable"
import { FIRST_TAG, MAX_FRAME_BYTES, toFrame } from "./frame.ts"
import { keepUntrusted, mendSegment, readSegment, segmentNumbers, segmentPath } from "./segment.ts"
import { takeSlot } from "./slot.ts"

/** The folder, the key that seals records, and the reader of existing ones. */
export interface SpoolOptions {
  /** Folder (0700) of the spools of all guards of a workspace. */
  readonly dir: string
  /** 32 bytes: seals the records. */
  readonly key: Uint8Array
  /** A segment is closed once it is larger; 1 MiB unless given. */
  readonly segmentBytes?: number
  /** Called with each record found at the start, in order. */
  readonly onRecord: (record: Buffer) => void
}

/** Records not acknowledged yet, oldest first. */
export interface SpoolBatch {
  readonly segment: number
  /** How many of the segment's records precede these. */
  readonly skipped: number
  readonly records: readonly Buffer[]
}

/** An open spool. One process writes to it. */
export interface Spool {
  readonly records: number
  readonly bytes: number
  /** Number of segments with untrusted bytes; copies are kept beside them. */
  readonly untrusted: number
  /**
   * Whether another guard took the folder over while this process slept: then nothing is added or returned any more.
   */
  readonly isLost: boolean
  /**
   * Appends a record. When it resolves, the record is on disk; records that arrive together are written together.
   *
   * @throws {DependencyError} `disk_full`, `write_failed`: then no part of it stays; `locked` where the folder is lost.
   */
  append(record: Uint8Array): Promise<void>
  /** The oldest records, of one segment; `undefined` when there are none. */
  oldest(): Promise<SpoolBatch | undefined>
  /** Removes a batch that {@link oldest} returned. After a kill some of it may be returned again. */
  acknowledge(batch: SpoolBatch): Promise<void>
  close(): Promise<void>
}

interface Segment {
  readonly number: number
  records: number
  bytes: number
  acknowledged: number
  /** Untrusted bytes were found in it: nothing after them can be read, so nothing more is written. */
  isAltered: boolean
}

interface Waiting {
  readonly record: Uint8Array
  readonly done: PromiseWithResolvers<void>
}

const SEGMENT_BYTES = 1024 * 1024

/**
 * Opens a spool. A record that was being written when a process was killed is there completely or not at all.
 *
 * @throws {DependencyError} `locked`, `disk_full`, `write_failed`, `source_unreadable`.
 */
export async function openSpool({
  dir: root,
  key,
  segmentBytes = SEGMENT_BYTES,
  onRecord,
}: SpoolOptions): Promise<Spool> {
  const slot = await takeSlot(root)
  const { dir } = slot
  const segments: Segment[] = []
  let untrusted = 0
  let nextNumber = 1
  let active: { readonly segment: Segment; readonly handle: FileHandle; tag: Uint8Array } | undefined
  let queue: Waiting[] = []
  let working: Promise<void> | undefined
  let isClosed = false
  let isLost = false
  try {
    for (const number of await segmentNumbers(dir)) {
      const read = await readSegment(dir, number, key)
      await mendSegment(dir, read)
      // Segments are removed only from the front, so a gap means that one was taken away.
      if (read.tail === "untrusted" || (segments.length > 0 && number !== nextNumber)) untrusted++
      nextNumber = number + 1
      for (const record of read.records) onRecord(record)
      segments.push({ number, records: read.records.length, bytes: read.bytes, acknowledged: 0, isAltered: false })
    }
  } catch (error) {
    await slot.release()
    throw error
  }

  async function work(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue
      queue = []
      try {
        await write(batch.map(({ record }) => record))
        for (const { done } of batch) done.resolve()
      } catch (error) {
        const reason = toWriteError(error, "the spool")
        for (const { done } of batch) done.reject(reason)
      }
    }
    working = undefined
  }

  async function write(records: readonly Uint8Array[]): Promise<void> {
    await assertHeld()
    const to = active === undefined || active.segment.isAltered ? await begin() : active
    const { segment, handle } = to
    let { tag } = to
    const frames = records.map((record) => {
      const frame = toFrame(record, { key, segment: segment.number, before: tag })
      tag = frame.tag
      return frame.bytes
    })
    const bytes = Buffer.concat(frames)
    try {
      await writeAll(handle, bytes)
      await handle.datasync()
      // It is on disk while the folder is held, so a guard that takes the folder over finds it.
      await assertHeld()
    } catch (error) {
      // Half a record may be there. The next record begins a new segment; a restart repairs this one.
      active = undefined
      if (!isLost) await handle.truncate(segment.bytes).catch(() => undefined)
      await handle.close().catch(() => undefined)
      throw error
    }
    to.tag = tag
    segment.bytes += bytes.length
    segment.records += records.length
    if (segment.bytes >= segmentBytes) {
      active = undefined
      await handle.close()
    }
  }

  async function assertHeld(): Promise<void> {
    isLost ||= !(await slot.isHeld())
    if (isLost) throw new DependencyError("locked", "another guard has taken over this guard's spool")
  }

  async function begin(): Promise<NonNullable<typeof active>> {
    const former = active
    active = undefined
    await former?.handle.close()
    const segment: Segment = { number: nextNumber, records: 0, bytes: 0, acknowledged: 0, isAltered: false }
    const handle = await open(segmentPath(dir, segment.number), "ax", 0o600).catch((error: unknown) => {
      // A number without a file must be used: skipped, it would look like a segment that was taken away.
      if (hasCode(error, "EEXIST")) nextNumber++
      throw error
    })
    nextNumber++
    const begun = { segment, handle, tag: FIRST_TAG }
    segments.push(segment)
    active = begun
    try {
      await syncDir(dir)
    } catch (error) {
      active = undefined
      await handle.close().catch(() => undefined)
      throw error
    }
    return begun
  }

  /** Removes empty segments from the front. */
  async function tidy(): Promise<void> {
    for (let first = segments[0]; first !== undefined && first.acknowledged === first.records; first = segments[0]) {
      if (active?.segment === first) {
        // A writer is active; the next round sees what it adds.
        if (working !== undefined) return
        const { handle } = active
        active = undefined
        await handle.close()
      }
      segments.shift()
      await rm(segmentPath(dir, first.number), { force: true })
      await syncDir(dir)
    }
  }

  /** Counts records of a segment that are missing or not authentic. */
  async function lose(segment: Segment, missing: number): Promise<void> {
    untrusted++
    segment.isAltered = true
    segment.records -= missing
    await keepUntrusted(dir, segment.number)
  }

  const sum = (of: "records" | "bytes" | "acknowledged") => segments.reduce((total, segment) => total + segment[of], 0)
  return {
    get records() {
      return sum("records") - sum("acknowledged")
    },
    get bytes() {
      return sum("bytes")
    },
    get untrusted() {
      return untrusted
    },
    get isLost() {
      return isLost
    },
    append: (record) => {
      if (isClosed) return Promise.reject(new DependencyError("write_failed", "the spool is closed"))
      if (record.length > MAX_FRAME_BYTES / 2) {
        return Promise.reject(new DependencyError("write_failed", "a record is larger than the spool's limit"))
      }
      const done = Promise.withResolvers<void>()
      queue.push({ record, done })
      working ??= work()
      return done.promise
    },
    oldest: async () => {
      await assertHeld()
      const segment = segments.find(({ records, acknowledged }) => acknowledged < records)
      if (segment === undefined) return undefined
      // Copies, because a writer may append while it is read.
      const { number, bytes, acknowledged, records: written } = segment
      const { records } = await readSegment(dir, number, key, bytes)
      if (records.length < written) await lose(segment, written - Math.max(records.length, acknowledged))
      return { segment: number, skipped: acknowledged, records: records.slice(acknowledged) }
    },
    acknowledge: async ({ segment: number, skipped, records }) => {
      await assertHeld()
      const segment = segments.find((known) => known.number === number)
      if (segment === undefined || segment.acknowledged !== skipped) return
      segment.acknowledged += records.length
      await tidy()
    },
    close: async () => {
      isClosed = true
      await working
      await active?.handle.close()
      active = undefined
      await slot.release()
    },
  }
}
