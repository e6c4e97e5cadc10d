import { readFileSync } from "node:fs"
import { arrowRows, arrowTable, writeArrow } from "@nightlight/dev-env/dataset/arrow"
import {
  Binary,
  Bool,
  type DataType,
  Dictionary,
  Field,
  FixedSizeList,
  Float64,
  Int32,
  Int64,
  LargeUtf8,
  List,
  Struct,
  Utf8,
} from "apache-arrow"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { endOf, openArrow } from "../../src/containers/arrow/file.ts"
import { MESSAGE } from "../../src/containers/arrow/message.ts"
import { DEFAULT_READER_LIMITS } from "../../src/readers/limits.ts"
import { bytesSource } from "../../src/readers/source.ts"
import { copyShard, datasetOf } from "../support/copying.ts"

interface Kind {
  readonly type: () => DataType
  readonly hasDictionary?: boolean
  readonly value: fc.Arbitrary<unknown>
}

const FLAT: readonly Kind[] = [
  { type: () => new Int32(), value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
  { type: () => new Int64(), value: fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }) },
  { type: () => new Float64(), value: fc.double({ noNaN: true }) },
  { type: () => new Bool(), value: fc.boolean() },
  { type: () => new Utf8(), value: fc.string({ unit: "binary", maxLength: 12 }) },
  { type: () => new LargeUtf8(), value: fc.string({ maxLength: 12 }) },
  { type: () => new Binary(), value: fc.uint8Array({ maxLength: 40 }) },
  { type: () => new Dictionary(new Utf8(), new Int32()), value: fc.constantFrom("a", "b", "c"), hasDictionary: true },
]

const orNull = (value: fc.Arbitrary<unknown>) => fc.option(value, { nil: null, freq: 4 })

const kinds = fc.letrec<{ kind: Kind }>((tie) => ({
  kind: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom(...FLAT),
    tie("kind").map((of) => ({
      ...of,
      type: () => new List(new Field("item", of.type(), true)),
      value: fc.array(orNull(of.value), { maxLength: 3 }),
    })),
    tie("kind").map((of) => ({
      ...of,
      type: () => new FixedSizeList(2, new Field("item", of.type(), true)),
      value: fc.array(orNull(of.value), { minLength: 2, maxLength: 2 }),
    })),
    fc.tuple(tie("kind"), tie("kind")).map(([a, b]) => ({
      type: () => new Struct([new Field("a", a.type(), true), new Field("b", b.type(), true)]),
      value: fc.record({ a: orNull(a.value), b: orNull(b.value) }),
      hasDictionary: a.hasDictionary === true || b.hasDictionary === true,
    })),
  ),
})).kind

/** Batches of a few rows, a column of a random type, and which rows are withheld. */
const files = fc.array(kinds, { minLength: 1, maxLength: 3 }).chain((columns) => {
  const row = fc.tuple(...columns.map(({ value }) => orNull(value)))
  return fc.record({
    columns: fc.constant(columns),
    batches: fc.array(fc.array(fc.tuple(row, fc.boolean()), { maxLength: 6 }), { minLength: 1, maxLength: 3 }),
    form: fc.constantFrom("file" as const, "stream" as const),
    mode: fc.constantFrom("clean" as const, "purge" as const),
  })
})

async function batchesOf(bytes: Buffer): Promise<readonly Buffer[]> {
  const { messages } = await openArrow(bytesSource(bytes), DEFAULT_READER_LIMITS)
  return messages.filter(({ kind }) => kind === MESSAGE.batch).map((place) => bytes.subarray(place.start, endOf(place)))
}

describe("an Arrow file of random columns", () => {
  it("loses the withheld rows, and keeps every other value and every other batch's bytes", async () => {
    const property = fc.asyncProperty(files, async ({ columns, batches, form, mode }) => {
      const types = columns.map(({ type }) => type())
      const table = arrowTable(
        batches.map((rows) =>
          Object.fromEntries(
            types.map((type, index) => [`c${index}`, { type, values: rows.map(([values]) => values[index]) }]),
          ),
        ),
      )
      // Each batch has a dictionary of its own, and the file format has no room for a second one.
      const hasDictionary = columns.some((column) => column.hasDictionary === true)
      const source = writeArrow(table, hasDictionary ? "stream" : form)
      const isKept = batches.flat().map(([, kept]) => kept)
      using made = await datasetOf({ "s.arrow": source })
      const isClear = ({ place }: { readonly place: string }) => isKept[Number(/^row (\d+)/.exec(place)?.[1])] !== false
      await copyShard(made.plan.root, made.plan.shards[0]!, made.out, { isClear, mode })
      const copy = readFileSync(`${made.out}/s.arrow`)
      expect(arrowRows(copy)).toEqual(arrowRows(source).filter((_, row) => isKept[row]))
      const [before, after] = [await batchesOf(source), await batchesOf(copy)]
      const untouched = batches.filter((rows) => rows.length > 0).map((rows) => rows.every(([, kept]) => kept))
      if (mode === "purge" && before.length === untouched.length) {
        for (const [index, isWhole] of untouched.entries()) {
          if (isWhole) expect(after[index]?.equals(before[index]!)).toBe(true)
        }
      }
    })
    await fc.assert(property, { numRuns: process.env["NIGHTLIGHT_LONG"] === undefined ? 40 : 2_000 })
  }, 120_000)
})
