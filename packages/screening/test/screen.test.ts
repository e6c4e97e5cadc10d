import type { Fingerprint, Match } from "@nightlight/core"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import {
  type Classifier,
  createFalsePositiveList,
  type ListIndex,
  loadDefaultPolicy,
  loadPolicy,
  type Policy,
  type ScreeningItem,
  type ScreeningPorts,
  screen,
  screenFingerprint,
} from "../src/index.ts"
import { bruteForceIndex } from "./support/brute-force-index.ts"
import { aPicture, aView, pdqOf } from "./support/builders.ts"

const SHORT_MS = 20
const picture = aPicture("a picture")
const bytes = new TextEncoder().encode("a picture")
const otherList = { name: "others", entries: [{ hashType: "pdq" as const, hash: pdqOf("another") }] }
const exactList = { name: "exact", entries: [{ hashType: "sha256" as const, hash: picture.sha256 }] }
const nearList = {
  name: "near",
  entries: [{ hashType: "pdq" as const, hash: picture.picture!.views[0]!.dihedral[5]! }],
}

let policy: Policy
beforeAll(async () => {
  policy = await loadDefaultPolicy()
})

const never = () => new Promise<never>(() => {})
const throwing = (): never => {
  throw new Error("of a port")
}
const rejecting = () => Promise.reject(new Error("of a port"))

function portsWith(changes: Partial<ScreeningPorts<string>> = {}): ScreeningPorts<string> {
  return {
    fingerprint: async () => picture,
    index: bruteForceIndex(otherList),
    classifiers: [],
    fingerprintTimeoutMs: SHORT_MS,
    classifierTimeoutMs: SHORT_MS,
    ...changes,
  }
}

function run(changes: Partial<ScreeningPorts<string>> = {}, item: Partial<ScreeningItem<string>> = {}, by = policy) {
  const whole = { source: "a source", readBytes: async () => bytes, ...item }
  return screen(whole, portsWith(changes), by, new AbortController().signal)
}

/** A classifier that records the items it receives. */
function aClassifier(score = 0) {
  const shown: string[] = []
  const classifier: Classifier = {
    name: "adult",
    async classify(_bytes, { sha256 }) {
      shown.push(sha256)
      return [{ classifier: "adult", label: "x", score }]
    },
  }
  return { classifier, shown }
}

it("an item is matched by its own bytes, and not cleared, whatever its metadata states", async () => {
  const urls = Array.from({ length: 65_537 }, () => "https://example.org/")
  const known = await run({ index: bruteForceIndex(exactList) }, { urls })
  expect(known).toMatchObject({ verdict: { decision: "quarantine" }, matches: [{ list: "exact" }] })
  expect(await run({}, { urls })).toMatchObject({ inconclusive: "lists_failed", verdict: { decision: "inconclusive" } })
})

describe("screening an item", () => {
  it("is clear when there is a list and it does not match", async () => {
    expect(await run()).toEqual({
      fingerprint: picture,
      matches: [],
      weakMatches: [],
      scores: [],
      suppressed: 0,
      omitted: 0,
      verdict: { decision: "clear", rule: "default", policyDigest: policy.digest },
    })
  })

  it("passes the source to the fingerprint port unchanged", async () => {
    const given: unknown[] = []
    await run({
      async fingerprint(source) {
        given.push(source)
        return picture
      },
    })
    expect(given).toEqual(["a source"])
  })

  it("finds exact and turned copies, and a declared digest", async () => {
    expect(await run({ index: bruteForceIndex(exactList) })).toMatchObject({ verdict: { decision: "quarantine" } })
    expect(await run({ index: bruteForceIndex(nearList) })).toMatchObject({
      matches: [{ list: "near", transformation: { orientation: "flipY" } }],
      verdict: { decision: "review" },
    })
    const declared = aPicture("its original")
    const index = bruteForceIndex({ name: "originals", entries: [{ hashType: "sha1", hash: declared.sha1 }] })
    expect(await run({ index }, { declaredDigests: [{ sha1: declared.sha1 }] })).toMatchObject({
      matches: [{ declared: true }],
      verdict: { decision: "review" },
    })
  })

  it("keeps the decoder's cause for an item without digests, and looks up its declared digests", async () => {
    const { picture: _, ...undigested } = {
      ...picture,
      md5: "",
      sha1: "",
      sha256: "",
      inconclusive: "decoder_died" as const,
    }
    const fingerprint = async () => undigested
    const asked: unknown[] = []
    const honest = bruteForceIndex(exactList)
    const index: ListIndex = {
      ...honest,
      matchDigests(digests) {
        asked.push(digests)
        return honest.matchDigests(digests)
      },
    }
    expect(await run({ fingerprint, index })).toMatchObject({
      inconclusive: "decoder_died",
      verdict: { decision: "inconclusive" },
    })
    expect(asked).toEqual([])
    const declared = { declaredDigests: [{ sha256: picture.sha256 }] }
    expect(await run({ fingerprint, index }, declared)).toMatchObject({ verdict: { decision: "review" } })
  })

  it("counts a false positive as suppressed and decides without it", async () => {
    const entryHash = nearList.entries[0]!.hash
    const falsePositives = createFalsePositiveList([{ list: "near", entryHash, sha256: picture.sha256 }])
    expect(await run({ index: bruteForceIndex(nearList), falsePositives })).toMatchObject({
      matches: [],
      suppressed: 1,
      verdict: { decision: "clear" },
    })
  })

  it("is unscreened with only test lists, empty lists or no lists, except in the demo", async () => {
    const card = { ...otherList, trust: "test" as const }
    const decide = async (changes: Partial<ScreeningPorts<string>>) => (await run(changes)).verdict.decision
    expect(await decide({ index: bruteForceIndex() })).toBe("unscreened")
    expect(await decide({ index: bruteForceIndex({ name: "empty", entries: [] }) })).toBe("unscreened")
    expect(await decide({ index: bruteForceIndex(card) })).toBe("unscreened")
    expect(await decide({ index: bruteForceIndex(card), demo: true })).toBe("clear")
    expect(await decide({ index: bruteForceIndex(card, otherList) })).toBe("clear")
    expect(await decide({ index: bruteForceIndex(), classifiers: [aClassifier().classifier] })).toBe("clear")
  })
})

describe("classifiers", () => {
  it("receive an item that no list matched, even with weak hits", async () => {
    const { classifier, shown } = aClassifier(0.5)
    const weak = aPicture("a picture", [aView("a picture", { quality: 3 })])
    const result = await run({
      fingerprint: async () => weak,
      index: bruteForceIndex(nearList),
      classifiers: [classifier],
    })
    expect(result.weakMatches).toHaveLength(1)
    expect(result.scores).toEqual([{ classifier: "adult", label: "x", score: 0.5 }])
    expect(shown).toEqual([picture.sha256])
  })

  it("never receive an item that matched a list, and its bytes are not read for them", async () => {
    const { classifier, shown } = aClassifier()
    for (const list of [
      exactList,
      nearList,
      { ...exactList, trust: "test" as const },
      { ...nearList, trust: "unverified" as const },
    ]) {
      const index = bruteForceIndex(list)
      const result = await run({ index, classifiers: [classifier] }, { readBytes: throwing })
      expect(result.matches).toHaveLength(1)
      expect(result.inconclusive).toBeUndefined()
    }
    expect(shown).toEqual([])
  })

  it("do not receive an item that may have matched: lists failed, or a picture could not be hashed", async () => {
    const { classifier, shown } = aClassifier()
    await run({ index: { ...bruteForceIndex(otherList), matchPdq: throwing }, classifiers: [classifier] })
    await run({ fingerprint: async () => ({ ...picture, inconclusive: "frame_limit" }), classifiers: [classifier] })
    expect(shown).toEqual([])
  })

  it("receive media that can be matched by digests only", async () => {
    const { classifier, shown } = aClassifier()
    const { picture: _, ...video } = { ...picture, kind: "opaque" as const, inconclusive: "media_unsupported" as const }
    const result = await run({ fingerprint: async () => video, classifiers: [classifier] })
    expect(shown).toHaveLength(1)
    expect(result.verdict.decision).toBe("inconclusive")
  })
})

describe("a port that fails", () => {
  const index = bruteForceIndex(otherList)
  const malformed = (value: unknown) => async () => value as Fingerprint
  const answering = (classify: Classifier["classify"]): Partial<ScreeningPorts<string>> => ({
    classifiers: [{ name: "adult", classify }],
  })

  it.each<[string, Partial<ScreeningPorts<string>>, string]>([
    ["a fingerprint that throws", { fingerprint: throwing }, "fingerprint_failed"],
    ["a fingerprint that rejects", { fingerprint: rejecting }, "fingerprint_failed"],
    ["a fingerprint that rejects with nothing", { fingerprint: () => Promise.reject(undefined) }, "fingerprint_failed"],
    ["a fingerprint that hangs", { fingerprint: never }, "time_limit"],
    ["a fingerprint that is nothing", { fingerprint: malformed(undefined) }, "fingerprint_failed"],
    ["a fingerprint that is empty", { fingerprint: malformed({}) }, "fingerprint_failed"],
    [
      "a fingerprint without pixels",
      { fingerprint: malformed({ ...picture, picture: undefined }) },
      "fingerprint_failed",
    ],
    [
      "a fingerprint of one orientation",
      { fingerprint: malformed(aPicture("p", [aView("p", { dihedral: [pdqOf("p")] })])) },
      "fingerprint_failed",
    ],
    ["digests that throw", { index: { ...index, matchDigests: throwing } }, "lists_failed"],
    [
      "digest hits that are not a list",
      { index: { ...index, matchDigests: () => undefined as never } },
      "lists_failed",
    ],
    ["digests that are a promise", { index: { ...index, matchDigests: (async () => []) as never } }, "lists_failed"],
    ["invalid digest hits", { index: { ...index, matchDigests: () => [{}] as never } }, "lists_failed"],
    ["hashes that throw", { index: { ...index, matchPdq: throwing } }, "lists_failed"],
    ["hash hits that are not a list", { index: { ...index, matchPdq: () => 7 as never } }, "lists_failed"],
    ["invalid hash hits", { index: { ...index, matchPdq: () => [null] as never } }, "lists_failed"],
    [
      "lists that throw",
      {
        index: {
          ...index,
          get lists(): never {
            return throwing()
          },
        },
      },
      "lists_failed",
    ],
    ["lists that are undefined", { index: { ...index, lists: undefined as never } }, "lists_failed"],
    ["a classifier that throws", answering(throwing), "classifier_failed"],
    ["a classifier that rejects", answering(rejecting), "classifier_failed"],
    ["a classifier that hangs", answering(never), "classifier_timed_out"],
    ["a classifier that answers nothing", answering(async () => undefined as never), "classifier_failed"],
    [
      "a classifier that answers a score of 2",
      answering(async () => [{ classifier: "adult", label: "x", score: 2 }]),
      "classifier_failed",
    ],
  ])("makes the item inconclusive: %s", async (_, changes, cause) => {
    const result = await run(changes)
    expect(result.inconclusive).toBe(cause)
    expect(result.verdict).toMatchObject({ decision: "inconclusive", rule: "not-screened" })
  })

  it.each<[string, ScreeningItem<string>["readBytes"], string]>([
    ["throws", throwing, "source_unreadable"],
    ["rejects", rejecting, "source_unreadable"],
    ["hangs", never, "time_limit"],
    ["gives other bytes", async () => new Uint8Array(), "source_changed"],
    ["gives nothing", async () => undefined as never, "source_unreadable"],
  ])("makes the item inconclusive: a reader that %s", async (_, readBytes, cause) => {
    const result = await run({ classifiers: [aClassifier().classifier] }, readBytes && { readBytes })
    expect(result).toMatchObject({ inconclusive: cause, verdict: { decision: "inconclusive" } })
  })

  it("makes the item inconclusive: classifiers without a reader", async () => {
    const ports = portsWith({ classifiers: [aClassifier().classifier] })
    const result = await screen({ source: "s" }, ports, policy, new AbortController().signal)
    expect(result).toMatchObject({ inconclusive: "classifier_failed", verdict: { decision: "inconclusive" } })
  })

  it.each<[string, Policy["decide"]]>([
    ["throws", throwing],
    ["answers nothing", () => undefined as never],
    ["answers another word", () => ({ decision: "fine" }) as never],
    ["answers a promise", (async () => ({ decision: "clear" })) as never],
  ])("makes the item inconclusive: a policy that %s", async (_, decide) => {
    const result = await run({}, {}, { ...policy, decide })
    expect(result.verdict).toEqual({ decision: "inconclusive", rule: "floor:evaluation", policyDigest: policy.digest })
  })

  it.each<[string, NonNullable<ScreeningPorts<string>["falsePositives"]>]>([
    ["throw at the item", { hasItem: throwing, has: () => true }],
    ["throw at the pair", { hasItem: () => true, has: throwing }],
  ])("suppresses nothing: false positives that %s", async (_, falsePositives) => {
    const result = await run({ index: bruteForceIndex(nearList), falsePositives })
    expect(result).toMatchObject({ matches: [{ list: "near" }], inconclusive: "lists_failed", suppressed: 0 })
    expect(result.verdict.decision).toBe("review")
  })

  it("suppresses nothing: an entry's hash that cannot be read", async () => {
    const falsePositives = { hasItem: () => true, has: () => true }
    const result = await run({ index: { ...bruteForceIndex(nearList), entryHash: throwing }, falsePositives })
    expect(result).toMatchObject({ inconclusive: "lists_failed", verdict: { decision: "review" } })
  })

  it("is not excused by an exception for the item's media type", async () => {
    const { picture: _, ...video } = { ...picture, kind: "opaque" as const, inconclusive: "media_unsupported" as const }
    const lenient = loadPolicy(
      `{ name: p, version: 1, rules: [{ name: r, when: "false", decide: review }], default: clear,
         mediaExceptions: [{ mediaType: image/png, reason: r, until: 9999-12-31, approvedBy: [a, b] }] }`,
      { fileName: "p.yaml" },
    )
    const fingerprint = async () => video
    expect((await run({ fingerprint }, {}, lenient)).verdict).toMatchObject({ decision: "clear" })
    const failing = [
      answering(throwing),
      answering(never),
      { index: { ...index, matchDigests: throwing } },
      { index: { ...index, lists: undefined as never } },
    ]
    for (const changes of failing) {
      expect((await run({ fingerprint, ...changes }, {}, lenient)).verdict.decision).toBe("inconclusive")
    }
  })

  it("never makes anything clear, whichever ports fail together", async () => {
    const failures: readonly Partial<ScreeningPorts<string>>[] = [
      { fingerprint: rejecting },
      { index: { ...index, matchPdq: throwing } },
      { index: { ...index, lists: [null] as never } },
      answering(rejecting),
    ]
    await fc.assert(
      fc.asyncProperty(fc.subarray([...failures], { minLength: 1 }), async (chosen) => {
        const { verdict } = await run(Object.assign({}, ...chosen))
        expect(verdict.decision).toBe("inconclusive")
      }),
    )
  })
})

describe("a caller that gives up", () => {
  it.each<[string, Partial<ScreeningPorts<string>>]>([
    ["while the fingerprint is made", { fingerprint: never, fingerprintTimeoutMs: 60_000 }],
    ["while a classifier looks", { classifiers: [{ name: "adult", classify: never }], classifierTimeoutMs: 60_000 }],
  ])("%s gets its own reason and no verdict", async (_, changes) => {
    const controller = new AbortController()
    const item = { source: "s", readBytes: async () => bytes }
    const running = screen(item, portsWith(changes), policy, controller.signal)
    setImmediate(() => controller.abort(new Error("given up")))
    await expect(running).rejects.toThrow("given up")
  })

  it("before the start does not cause a fingerprint to be made", async () => {
    let asked = false
    const fingerprint = async () => {
      asked = true
      return picture
    }
    await expect(screen({ source: "s" }, portsWith({ fingerprint }), policy, AbortSignal.abort())).rejects.toThrow()
    expect(asked).toBe(false)
  })
})

describe("screening a stored fingerprint", () => {
  const hunt = (fingerprint: Fingerprint, index: ListIndex) => screenFingerprint(fingerprint, { index }, policy)

  it("gives the same result as screening the item", async () => {
    for (const list of [otherList, exactList, nearList]) {
      const index = bruteForceIndex(list)
      expect(hunt(picture, index)).toEqual(await run({ index }))
    }
  })

  it("matches the upright hash when only that was stored", () => {
    const view = picture.picture!.views[0]!
    const kept = aPicture("a picture", [{ ...view, dihedral: [view.pdq] }])
    const upright: Match["transformation"] = { orientation: "upright", crop: "none", background: "dropped", frame: 0 }
    const index = bruteForceIndex({ name: "upright", entries: [{ hashType: "pdq", hash: view.pdq }] })
    expect(hunt(kept, index)).toMatchObject({ matches: [{ transformation: upright }], verdict: { decision: "review" } })
    expect(hunt(kept, bruteForceIndex(nearList)).matches).toEqual([])
  })

  it("never throws and never clears when input or index is broken", () => {
    expect(hunt({} as Fingerprint, bruteForceIndex(otherList))).toMatchObject({
      inconclusive: "fingerprint_failed",
      verdict: { decision: "inconclusive" },
    })
    const broken = { ...bruteForceIndex(otherList), matchDigests: throwing }
    expect(hunt(picture, broken)).toMatchObject({ inconclusive: "lists_failed", verdict: { decision: "inconclusive" } })
  })
})
