import { DependencyError } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { partsOf, streamSource, WatchedStream } from "../src/readers/stream-source.ts"
import type { StoredFile } from "../src/stores/store.ts"

const MEGABYTE = 2 ** 20

/** A file whose reads end when the test says so, or when it is disposed. */
class ManualFile implements StoredFile {
  readonly rangePath = undefined
  readonly sizeBytes = 4 * MEGABYTE
  readonly reads: PromiseWithResolvers<Buffer>[] = []
  isDisposed = false

  read(): Promise<Buffer> {
    const read = Promise.withResolvers<Buffer>()
    this.reads.push(read)
    return read.promise
  }

  [Symbol.dispose](): void {
    this.isDisposed = true
    for (const read of this.reads) read.reject(new DOMException("aborted", "AbortError"))
  }
}

function streamOfFiles() {
  const files: ManualFile[] = []
  const open = () => {
    const file = new ManualFile()
    files.push(file)
    return file
  }
  return { files, source: streamSource(open, 0, 4 * MEGABYTE) }
}

const gone = new DependencyError("source_unreadable", "gone")
const PART = Buffer.from("part")

describe("an item that is read part by part", () => {
  it("keeps its file for a new reader when the read of an earlier one fails", async () => {
    const { files, source } = streamOfFiles()
    const old = source.read(MEGABYTE, MEGABYTE)
    const next = source.read(0, MEGABYTE)
    const [file] = files
    file?.reads[0]?.reject(gone)
    await expect(old).rejects.toBe(gone)
    expect(file?.isDisposed).toBe(false)
    file?.reads[1]?.resolve(PART)
    expect(await next).toBe(PART)
    expect(file?.isDisposed).toBe(true)
    const later = source.read(MEGABYTE, MEGABYTE)
    files[1]?.reads[0]?.resolve(PART)
    expect(await later).toBe(PART)
  })

  it("closes its file after the last part, not while an earlier one is read", async () => {
    const { files, source } = streamOfFiles()
    const first = source.read(0, MEGABYTE)
    const last = source.read(3 * MEGABYTE, MEGABYTE)
    files[0]?.reads[1]?.resolve(PART)
    await last
    expect(files[0]?.isDisposed).toBe(false)
    files[0]?.reads[0]?.resolve(PART)
    await first
    expect(files.map((file) => file.isDisposed)).toEqual([true])
  })

  it("closes its file where reading stops early", async () => {
    const { files, source } = streamOfFiles()
    const parts = partsOf(source)
    const first = parts.next()
    files[0]?.reads[0]?.resolve(PART)
    await first
    expect(files[0]?.isDisposed).toBe(false)
    await parts.return()
    expect(files[0]?.isDisposed).toBe(true)
  })

  it("has not failed where a later attempt read it from the start, whenever the earlier failure arrives", async () => {
    const { files, source } = streamOfFiles()
    const watched = new WatchedStream(source)
    const before = watched.source.read(0, MEGABYTE)
    files[0]?.reads[0]?.reject(gone)
    await expect(before).rejects.toBe(gone)
    expect(() => watched.assertRead()).toThrow(gone)
    const old = watched.source.read(0, MEGABYTE)
    const next = watched.source.read(0, MEGABYTE)
    files[1]?.reads[0]?.reject(gone)
    await expect(old).rejects.toBe(gone)
    files[1]?.reads[1]?.resolve(PART)
    await next
    expect(() => watched.assertRead()).not.toThrow()
  })

  it("is closed, and what is still read of it ended, once its screening is over", async () => {
    const { files, source } = streamOfFiles()
    let left: Promise<Uint8Array> | undefined
    {
      using watched = new WatchedStream(source)
      left = watched.source.read(MEGABYTE, MEGABYTE)
      expect(files[0]?.isDisposed).toBe(false)
    }
    expect(files[0]?.isDisposed).toBe(true)
    await expect(left).rejects.toThrow("aborted")
  })
})
