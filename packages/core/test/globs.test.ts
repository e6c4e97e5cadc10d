import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compileGlobs } from "../src/globs.ts"

describe("globs of excluded paths", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["*.tmp", ["a.tmp", "x/y/b.tmp"], ["a.tmp.jpg", "tmp", "a.tmp/b.jpg"]],
    ["drafts", ["drafts", "x/drafts"], ["drafts2", "x/drafts/a.jpg"]],
    ["drafts/**", ["drafts", "drafts/a.jpg", "drafts/x/y.jpg"], ["x/drafts/a.jpg"]],
    ["drafts/", ["drafts", "x/drafts"], ["drafts.jpg"]],
    ["./drafts/a.jpg", ["drafts/a.jpg"], ["x/drafts/a.jpg", "a.jpg"]],
    ["**/drafts/*.jpg", ["drafts/a.jpg", "x/y/drafts/a.jpg"], ["drafts/x/a.jpg", "drafts/a.png"]],
    ["train/*/0000?.tar", ["train/a/00001.tar"], ["train/a/000011.tar", "train/00001.tar", "train/a/b/00001.tar"]],
    ["*", ["a", "x/y"], []],
    ["a*b*c", ["abc", "axxbyybc"], ["ab", "abcd"]],
    ["Bilder/Größe ?.jpg", ["Bilder/Größe 😀.jpg"], ["Bilder/Größe.jpg"]],
    ["[ab].jpg", ["[ab].jpg"], ["a.jpg"]],
  ])("%j fits what it names, and nothing else", (glob, fitting, others) => {
    const isExcluded = compileGlobs([glob])
    for (const path of fitting) expect([path, isExcluded(path)]).toEqual([path, true])
    for (const path of others) expect([path, isExcluded(path)]).toEqual([path, false])
  })

  it("exclude what any of them names, and nothing where there are none", () => {
    const isExcluded = compileGlobs(["*.tmp", "a/b"])
    expect(["x.tmp", "a/b", "a/c"].map(isExcluded)).toEqual([true, true, false])
    expect(compileGlobs([])("anything")).toBe(false)
  })

  it.each(["", "/abs/**", "../up", "a/../b", "x".repeat(1_001)])("refuse %j", (glob) => {
    expect(() => compileGlobs([glob])).toThrow(expect.objectContaining({ code: "input_invalid" }))
  })

  it("fit a path that was made from them, whatever the stars stand for", () => {
    const text = fc.stringMatching(/^[a-z.]{0,4}$/)
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 5 }),
        fc.array(text, { minLength: 5, maxLength: 5 }),
        (parts, fill) => {
          const name = parts.reduce((whole, part, i) => whole + (i > 0 ? fill[i] : "") + part, "")
          fc.pre(name !== "" && name !== "." && name !== "..")
          expect(compileGlobs([`${parts.join("*")}`.replace(/^\.?\.?$/, "*")])(name)).toBe(true)
        },
      ),
    )
  })

  it("take time in proportion to their length, not to the number of ways in which stars can be read", () => {
    const isExcluded = compileGlobs([`${"*a".repeat(400)}b`, `${"**/a/".repeat(150)}b`])
    expect(isExcluded("a".repeat(4_000))).toBe(false)
    expect(isExcluded("a/".repeat(2_000))).toBe(false)
  })
})
