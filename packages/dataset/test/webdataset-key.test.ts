import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseWebDatasetName } from "../src/containers/tar/webdataset-key.ts"

/** The loaders' own expressions: Python's `.` matches all but a line feed, its `$` also before a last one. */
const BASE_PLUS_EXT = /^((?:[^\n]*\/|)[^.]+)[.]([^/]*)$/
const SKIP_META = /^__[^/]*__(?:\n?$|\/)/

function byExpression(name: string) {
  if (SKIP_META.test(name)) return { kind: "metadata" }
  const match = BASE_PLUS_EXT.exec(name)
  if (match === null) return { kind: "keyless" }
  return { kind: "keyed", key: match[1], extension: (match[2] ?? "").toLowerCase() }
}

describe("parseWebDatasetName", () => {
  it.each([
    ["0001.jpg", "0001", "jpg"],
    ["a/b.seg.png", "a/b", "seg.png"],
    ["train/0001.JPG", "train/0001", "jpg"],
    ["./0001.jpg", "./0001", "jpg"],
    ["a.b/c.txt", "a.b/c", "txt"],
    ["a.", "a", ""],
    ["a..jpg", "a", ".jpg"],
    ["a b.tar.gz", "a b", "tar.gz"],
    ["dir/.hidden", "dir/", "hidden"],
    ["x.y/ab/.c", "x.y/ab/", "c"],
    ["/.b", "/", "b"],
    ["__meta__.json", "__meta__", "json"],
    ["a/__meta__.json", "a/__meta__", "json"],
    ["новый.Jpg", "новый", "jpg"],
    ["a\u2028b/c.d", "a\u2028b/c", "d"],
  ])("splits %j into %j and %j", (name, key, extension) => {
    expect(parseWebDatasetName(name)).toEqual({ kind: "keyed", key, extension })
  })

  it.each(["README", "a/b", ".hidden", "./.hidden", "a.b/c", "a.b/.c", "..", "", "a/", "__meta"])(
    "finds no key in %j",
    (name) => {
      expect(parseWebDatasetName(name)).toEqual({ kind: "keyless" })
    },
  )

  it.each(["__meta__", "__x__/y.jpg", "____", "__a__\n"])("reads %j as metadata of the shard", (name) => {
    expect(parseWebDatasetName(name)).toEqual({ kind: "metadata" })
  })

  it("agrees with the loaders' expressions on any name", () => {
    const name = fc.string({
      unit: fc.constantFrom("a", "b", ".", "/", "_", "\n", "\r", "\u2028", " ", "Ä"),
      maxLength: 14,
    })
    fc.assert(
      fc.property(name, (text) => {
        expect(parseWebDatasetName(text)).toEqual(byExpression(text))
      }),
      {
        numRuns: 3_000,
      },
    )
  })

  it("answers in linear time for a name of slashes", () => {
    expect(parseWebDatasetName("a/".repeat(2 ** 20))).toEqual({ kind: "keyless" })
    expect(parseWebDatasetName(`${"./".repeat(2 ** 20)}.x`)).toEqual({ kind: "keyless" })
  })
})
