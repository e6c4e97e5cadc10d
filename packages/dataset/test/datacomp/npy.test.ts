import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { compact } from "@nightlight/core"
import { noSignal, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { mergeLists } from "../../src/datacomp/merge-lists.ts"
import { encodeHeader } from "../../src/datacomp/npy-header.ts"
import { readSubset } from "../../src/datacomp/read-subset.ts"
import { readUid } from "../../src/datacomp/uid.ts"
import { UidSorter } from "../../src/datacomp/uid-sorter.ts"
import { headerOf, subsetOf, uidsIn } from "../support/npy.ts"

async function sorterOf(uids: readonly string[], folder: string, name: string): Promise<UidSorter> {
  const sorter = new UidSorter({ folder, name, partUids: 3, mergedRuns: 3 })
  for (const uid of uids) {
    if (sorter.isFull) await sorter.flush()
    const bytes = Buffer.from(uid)
    readUid({ bytes, start: 0, length: bytes.length }, sorter.words, sorter.at)
    sorter.added()
  }
  return sorter
}

describe("lists of uids", () => {
  // Few values, so that many are equal; and those whose halves and words differ in their signs.
  const uid = fc.oneof(
    fc.constantFrom("0", "1", "f".repeat(32), `1${"0".repeat(16)}`, "80000000", `8${"0".repeat(31)}`),
    fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value) => value.toString(16)),
  )
  const full = (digits: string) => digits.padStart(32, "0")
  const uids = fc.array(uid, { maxLength: 60 })

  it("have each uid of the pool that was not withheld, or each of the subset, in ascending order", async () => {
    await fc.assert(
      fc.asyncProperty(uids, uids, fc.option(uids), async (kept, removed, subset) => {
        using folder = temporaryFolder()
        const path = (name: string) => join(folder.path, name)
        using keptUids = await (await sorterOf(kept, folder.path, "kept")).sorted()
        using removedUids = await (await sorterOf(removed, folder.path, "removed")).sorted()
        using chosen = subset === null ? undefined : await (await sorterOf(subset, folder.path, "subset")).sorted()
        const pool = compact({ kept: keptUids, removed: removedUids, subset: chosen })
        const counts = await mergeLists(pool, { keep: path("keep.npy"), removed: path("removed.npy") }, noSignal)
        const [gone, all] = [new Set(removed.map(full)), new Set(kept.map(full))]
        const stays = (one: string) => all.has(one) && !gone.has(one)
        const expected = subset === null ? [...all].filter(stays) : subset.map(full).filter(stays)
        expect(uidsIn(path("keep.npy"))).toEqual(expected.toSorted())
        expect(uidsIn(path("removed.npy"))).toEqual([...gone].toSorted())
        const { length } = [...kept, ...removed]
        expect(counts).toMatchObject({ kept: expected.length, repeated: length - new Set([...all, ...gone]).size })
        if (subset === null) return
        const lost = subset.map(full).filter((one) => gone.has(one)).length
        expect(counts.subset).toEqual({
          ids: subset.length,
          removed: lost,
          unscreened: subset.length - lost - expected.length,
        })
      }),
      { numRuns: 25 },
    )
  })

  it("take one to 32 hexadecimal digits as a uid, and nothing else", () => {
    const words = new Uint32Array(4)
    const read = (text: string) => {
      const bytes = Buffer.from(`7${text}7`)
      return readUid({ bytes, start: 1, length: bytes.length - 2 }, words, 0) ? [...words] : undefined
    }
    expect(read("0123456789abcdefFEDCBA9876543210")).toEqual([0x89abcdef, 0x01234567, 0x76543210, 0xfedcba98])
    expect(read("a1")).toEqual([0, 0, 0xa1, 0])
    for (const other of ["", "g", "0x1", "-1", " 1", "١", "0".repeat(33), `${"0".repeat(31)}g`, `g${"0".repeat(31)}`]) {
      expect(read(other)).toBeUndefined()
    }
  })

  it("begin with the header that numpy.save writes", () => {
    const dictionary = "{'descr': [('f0', '<u8'), ('f1', '<u8')], 'fortran_order': False, 'shape': (12800000,), }"
    const header = encodeHeader(12_800_000)
    expect(header.toString("latin1")).toBe(`\x93NUMPY\x01\0v\0${dictionary.padEnd(117)}\n`)
    for (const count of [0, 1, 12_800_000_000, Number.MAX_SAFE_INTEGER]) expect(encodeHeader(count)).toHaveLength(128)
  })
})

describe("a subset", () => {
  const refused = async (bytes: Buffer) => {
    using folder = temporaryFolder()
    const path = join(folder.path, "subset.npy")
    writeFileSync(path, bytes)
    const sorter = new UidSorter({ folder: folder.path, name: "subset", partUids: 4 })
    const error: unknown = await readSubset(path, sorter, noSignal).catch((failure: unknown) => failure)
    return error instanceof Error ? error.message : "nothing was refused"
  }
  const two = ["01".repeat(16), "02".repeat(16)]
  const ids = subsetOf(two)
  const withHeader = (dictionary: string) => Buffer.concat([headerOf(dictionary), ids.subarray(128)])
  const pairs = "[('f0', '<u8'), ('f1', '<u8')]"

  it.each<[string, Buffer, string]>([
    ["that is another file", Buffer.from("uid\n1\n"), "not a NumPy file"],
    ["that is empty", Buffer.alloc(0), "not a NumPy file"],
    ["cut in its ids", ids.subarray(0, -1), "cut short"],
    ["cut in its header", ids.subarray(0, 100), "cut short"],
    ["cut before its header", ids.subarray(0, 9), "cut short"],
    ["with bytes behind its ids", Buffer.concat([ids, Buffer.alloc(1)]), "more bytes than its header says"],
    ["of big-endian numbers", subsetOf(two, "[('f0', '>u8'), ('f1', '>u8')]"), "big-endian"],
    ["of Python objects", subsetOf(two, "'|O'"), "Python objects, which are never loaded"],
    ["of other elements", subsetOf(two, "'<u8'"), "not pairs of unsigned 64-bit numbers"],
    ["of signed numbers", subsetOf(two, "[('f0', '<i8'), ('f1', '<i8')]"), "not pairs"],
    ["of three numbers", subsetOf(two, "[('f0', '<u8'), ('f1', '<u8'), ('f2', '<u8')]"), "not pairs"],
    ["in Fortran order", withHeader(`{'descr': ${pairs}, 'fortran_order': True, 'shape': (2,), }`), "Fortran order"],
    ["of two axes", withHeader(`{'descr': ${pairs}, 'fortran_order': False, 'shape': (2, 1), }`), "one axis"],
    ["of no axis", withHeader(`{'descr': ${pairs}, 'fortran_order': False, 'shape': (), }`), "one axis"],
    [
      "with a call for its length",
      withHeader(`{'descr': ${pairs}, 'fortran_order': False, 'shape': (len('a'),), }`),
      "not one",
    ],
    [
      "that claims a quintillion ids",
      withHeader(`{'descr': ${pairs}, 'fortran_order': False, 'shape': (${"9".repeat(18)},), }`),
      "one axis",
    ],
    [
      "that claims a trillion ids",
      withHeader(`{'descr': ${pairs}, 'fortran_order': False, 'shape': (${10 ** 12},), }`),
      "cut short",
    ],
    ["of a later version", Buffer.from("\x93NUMPY\x04\0\x10\0\0\0", "latin1"), "version of the format"],
    ["with a header of 4 GiB", Buffer.from("\x93NUMPY\x02\0\xff\xff\xff\xff", "latin1"), "longer than NumPy reads"],
  ])("%s is refused, and the error says why", async (_, bytes, why) => {
    expect(await refused(bytes)).toContain(why)
  })

  it("may have the header of version 2 or 3, or of an older NumPy without room to grow", async () => {
    for (const version of [1, 2, 3]) {
      const text = Buffer.from(`{'descr': ${pairs}, 'fortran_order': False, 'shape': (2,), }\n`)
      const length = Buffer.alloc(version === 1 ? 2 : 4)
      length.writeUIntLE(text.length, 0, length.length)
      const head = Buffer.concat([Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\0`, "latin1"), length, text])
      expect(await refused(Buffer.concat([head, ids.subarray(128)]))).toBe("nothing was refused")
    }
  })

  it("is refused with any byte of its head changed, or read as what it then says", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 127 }), fc.nat({ max: 255 }), async (at, byte) => {
        const changed = Buffer.from(ids)
        changed[at] = byte
        expect(await refused(changed)).toMatch(/the subset cannot be used|nothing was refused/)
      }),
      { numRuns: 40 },
    )
  })
})
