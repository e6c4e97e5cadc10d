import { hash } from "node:crypto"
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { ItemRequest } from "../src/child/item-request.ts"
import { createReadAhead } from "../src/child/read-ahead.ts"

const folder = mkdtempSync(join(tmpdir(), "nightlight-read-ahead-"))
const shard = join(folder, "shard")
const content = Buffer.from(Array.from({ length: 10_000 }, (_, index) => (index * 31) & 255))
writeFileSync(shard, content)
afterAll(() => rmSync(folder, { recursive: true }))

const LANES = 2

function range(id: number, offset: number, length: number, changes: Partial<ItemRequest> = {}): ItemRequest {
  return {
    id,
    source: { kind: "range", path: shard, offset, length },
    early: false,
    payload: new Uint8Array(),
    ...changes,
  }
}

const digestsOf = (bytes: Buffer) => ({
  md5: hash("md5", bytes),
  sha1: hash("sha1", bytes),
  sha256: hash("sha256", bytes),
})

describe("items that are read ahead", () => {
  it("have the bytes and digests of their own ranges, whether or not of equal length", () => {
    const ahead = createReadAhead(LANES, null)
    for (const lengths of [
      [1000, 1001, 999, 1000],
      [5000, 1, 0, 7],
    ]) {
      const requests = lengths.map((length, i) => range(i, i * 1100, length))
      ahead.read(requests)
      for (const [i, length] of lengths.entries()) {
        const item = ahead.take(i)
        const bytes = content.subarray(i * 1100, i * 1100 + length)
        expect({ bytes: Buffer.from(item?.bytes ?? []), digests: item?.digests }).toEqual({
          bytes,
          digests: digestsOf(bytes),
        })
        item?.release()
      }
    }
  })

  it("are returned once, and keep their bytes until they are released, however many are read meanwhile", () => {
    const ahead = createReadAhead(LANES, null)
    const kept = []
    for (let first = 0; first < 40; first += 4) {
      ahead.read([0, 1, 2, 3].map((i) => range(first + i, 10 * (first + i), 500)))
      for (let id = first; id < first + 4; id++) {
        const item = ahead.take(id)
        if (item !== undefined) kept.push({ item, id })
        expect(ahead.take(id)).toBeUndefined()
      }
    }
    expect(kept.length).toBeGreaterThanOrEqual(4)
    for (const { item, id } of kept)
      expect(hash("md5", item.bytes)).toBe(digestsOf(content.subarray(10 * id, 10 * id + 500)).md5)
  })

  it("do not include items that cannot be read, are outside their file or are large", () => {
    const large = join(folder, "large")
    writeFileSync(large, Buffer.alloc(1024 * 1024 + 1))
    const link = join(folder, "link")
    symlinkSync(shard, link)
    const file = (path: string) => ({ source: { kind: "file" as const, path } })
    const ahead = createReadAhead(LANES, null)
    ahead.read([range(1, 0, 10), range(2, 9_999, 2), range(3, 0, 0, file(large)), range(4, 0, 0, file(link))])
    expect([1, 2, 3, 4].map((id) => ahead.take(id) !== undefined)).toEqual([true, false, false, false])
    ahead.read([range(5, 0, 0, file(join(folder, "missing"))), range(6, 0, 0, file(shard))])
    expect(ahead.take(5)).toBeUndefined()
    expect(Buffer.from(ahead.take(6)?.bytes ?? [])).toEqual(content)
  })

  it("must be below a read root, where no namespace restricts the child", () => {
    const elsewhere = createReadAhead(LANES, [join(folder, "other")])
    elsewhere.read([range(1, 0, 10), range(2, 10, 10)])
    expect([elsewhere.take(1), elsewhere.take(2)]).toEqual([undefined, undefined])
    const here = createReadAhead(LANES, [folder])
    here.read([range(1, 0, 10), range(2, 10, 10)])
    expect(Buffer.from(here.take(2)?.bytes ?? [])).toEqual(content.subarray(10, 20))
  })

  it("do not include a suspect or a single item", () => {
    const ahead = createReadAhead(LANES, null)
    ahead.read([range(1, 0, 10), range(2, 10, 10, { early: true })])
    ahead.read([range(3, 0, 10)])
    expect([1, 2, 3].map((id) => ahead.take(id))).toEqual([undefined, undefined, undefined])
  })
})
