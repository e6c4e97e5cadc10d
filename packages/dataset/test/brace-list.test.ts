import { describe, expect, it } from "vitest"
import { expandBraceList, MAX_BRACE_NAMES } from "../src/plan/brace-list.ts"

const refusal = expect.objectContaining({ name: "RequestError", code: "input_invalid" })

describe("expandBraceList", () => {
  it.each([
    ["plain.tar", ["plain.tar"]],
    ["n-{000..002}.tar", ["n-000.tar", "n-001.tar", "n-002.tar"]],
    ["n-{8..11}.tar", ["n-8.tar", "n-9.tar", "n-10.tar", "n-11.tar"]],
    ["n-{08..10}.tar", ["n-08.tar", "n-09.tar", "n-10.tar"]],
    ["n-{2..0}.tar", ["n-2.tar", "n-1.tar", "n-0.tar"]],
    ["n-{0..10..5}.tar", ["n-0.tar", "n-5.tar", "n-10.tar"]],
    ["{train,val}/{0..1}.tar", ["train/0.tar", "train/1.tar", "val/0.tar", "val/1.tar"]],
    ["{a,}.tar", ["a.tar", ".tar"]],
    ["n-{7..7}.tar", ["n-7.tar"]],
  ])("expands %j", (text, names) => {
    expect(expandBraceList(text)).toEqual(names)
  })

  it.each(["n-{0..999999999}.tar", "{0..9999}{0..9999}{0..9999}.tar", "{0..999999999999999}", "n-{0..1000000}.tar"])(
    "refuses %j before expanding it",
    (text) => {
      expect(() => expandBraceList(text)).toThrow(refusal)
    },
  )

  it("takes the largest list it allows", () => {
    expect(expandBraceList("{1..1000000}")).toHaveLength(MAX_BRACE_NAMES)
  })

  it.each(["{", "}", "{a", "a}", "{{a,b},c}", "{a}", "{}", "{0..}", "{a..c}", "}{", "{0..9}}"])(
    "refuses %j",
    (text) => {
      expect(() => expandBraceList(text)).toThrow(refusal)
    },
  )
})
