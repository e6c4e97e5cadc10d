import { compact } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { admitPolicy, readDefaultPolicy } from "../src/index.ts"
import { aMatch } from "./support/builders.ts"
import { policyText } from "./support/policies.ts"

const admit = (text: string, testsText?: string) => admitPolicy(text, compact({ fileName: "p.yaml", testsText }))
const placesOf = ({ problems }: ReturnType<typeof admit>) =>
  problems.map(({ file, line, column }) => `${file}:${line}:${column}`)

describe("a policy to be stored", () => {
  it("is accepted when it is valid and its tests pass, like the default policy", async () => {
    const { text, testsText } = await readDefaultPolicy()
    const { problems, policy, tests } = admit(text, testsText)
    expect(problems).toEqual([])
    expect(policy?.name).toBe("default")
    expect(tests.length).toBeGreaterThan(10)
    expect(tests.every(({ passed }) => passed)).toBe(true)
  })

  it("is refused with the place of every problem when it does not load", () => {
    const admitted = admit(policyText("matches.exists(m, m.trusty == 1)"))
    expect(placesOf(admitted)).toEqual(["p.yaml:5:31"])
    expect(admitted).toMatchObject({ tests: [] })
    expect(admitted.policy).toBeUndefined()
  })

  it.each([
    ["no rule that covers matches", policyText("inconclusive != ''", "inconclusive"), "p.yaml:7:10"],
    [
      "a rule that clears matches",
      policyText("size(matches) > 0", "clear").replace("default: clear", "default: review"),
      "p.yaml:6:13",
    ],
    ["rules for SHA digests only", policyText('matches.exists(m, m.hashType in ["sha1", "sha256"])'), "p.yaml:7:10"],
    ["rules that exclude declared digests", policyText("matches.exists(m, !m.declared)"), "p.yaml:7:10"],
    ["rules that a second match disables", policyText("size(matches) == 1"), "p.yaml:7:10"],
    ["rules that a match of another list disables", policyText('matches.all(m, m.trust == "trusted")'), "p.yaml:7:10"],
    ["rules that very many matches disable", policyText("size(matches) > 0 && size(matches) < 50"), "p.yaml:7:10"],
    ["rules for one list by name", policyText('matches.exists(m, m.list == "a-list")'), "p.yaml:7:10"],
    ["rules for one media kind only", policyText('size(matches) > 0 && kind == "picture"'), "p.yaml:7:10"],
  ])("is refused with %s, because an item on a trusted list could be cleared", (_what, text, place) => {
    const admitted = admit(text)
    expect(placesOf(admitted)).toEqual([place])
    expect(admitted.problems[0]?.message).toMatch(/is on a trusted list/)
    // It loads, and the floors would hold: it is refused for what its rules say.
    expect(admitted.policy?.decide({ ...NOTHING, matches: [MATCH] }).decision).not.toBe("clear")
  })

  it.each([
    ["any match", policyText("size(matches) > 0")],
    ["every trusted match", policyText('matches.exists(m, m.trust == "trusted")', "quarantine")],
    [
      "each hash type by name",
      policyText('matches.exists(m, m.hashType in ["sha1", "sha256", "md5"] || m.hashType in ["pdq", "url"])'),
    ],
    ["a default that withholds", policyText("screened", "block").replace("default: clear", "default: review")],
  ])("is accepted when it covers %s", (_what, text) => {
    expect(admit(text).problems).toEqual([])
  })

  it("is refused at the place of a failing test, in its own file or in the file beside it", () => {
    const own = policyText(
      "size(matches) > 0",
      "review",
      "tests:\n  - { name: x, expect: clear }\n  - { name: y, expect: block }\n",
    )
    const beside = "tests:\n  - { name: z, expect: clear }\n  - { name: zz, expect: clear, rule: a-rule }\n"
    const admitted = admit(own, beside)
    expect(placesOf(admitted)).toEqual(["p.yaml:10:5", "p.tests.yaml:3:5"])
    expect(admitted.problems.map(({ message }) => message)).toEqual([
      'test "y" expects block but gets clear by default',
      'test "zz" expects clear by a-rule but gets clear by default',
    ])
  })
})

const MATCH = aMatch({ list: "b-list", declared: true })
const NOTHING = { weakMatches: [], scores: [], mediaType: "image/png", kind: "picture", screened: true } as const
