import { type Fingerprint, type Match, ORIENTATIONS, type Trust } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createFalsePositiveList, type ListIndex, matchFingerprint, type PdqHit } from "../src/index.ts"
import { MAX_MATCHES } from "../src/match/match-fingerprint.ts"
import { bruteForceIndex, hexDistance, type TestList } from "./support/brute-force-index.ts"
import { aPicture, aView, flipBits, pdqOf } from "./support/builders.ts"

const picture = aPicture("a picture")
const view = picture.picture!.views[0]!
const pdqList = (hash: string, changes: Partial<TestList> = {}): TestList => ({
  name: "a-list",
  entries: [{ hashType: "pdq", hash }],
  ...changes,
})

const allOf = (hash: string) => Array<string>(8).fill(hash)
const flipHighBit = (hash: string) => (BigInt(`0x${hash}`) ^ (1n << 200n)).toString(16).padStart(64, "0")

describe("matching a fingerprint", () => {
  it("finds no match in a list of other pictures", () => {
    const index = bruteForceIndex(pdqList(pdqOf("another")), { name: "empty", entries: [] })
    expect(matchFingerprint(picture, index)).toEqual({ matches: [], weakMatches: [], suppressed: 0, omitted: 0 })
  })

  it.each(["md5", "sha1", "sha256"] as const)(
    "finds a listed %s at distance 0, with list, entry and snapshot",
    (hashType) => {
      const entries = [
        { hashType, hash: "0".repeat(picture[hashType].length) },
        { hashType, hash: picture[hashType], category: "a-category", id: "id-7" },
      ]
      const { matches } = matchFingerprint(
        picture,
        bruteForceIndex({ name: "a-list", entries, snapshot: 4, trust: "unverified" }),
      )
      expect(matches).toEqual([
        {
          list: "a-list",
          trust: "unverified",
          entry: 1,
          entryId: "id-7",
          category: "a-category",
          snapshot: 4,
          hashType,
          distanceBits: 0,
          radiusBits: 0,
        },
      ])
    },
  )

  it.each(ORIENTATIONS.map((name, i) => [name, i] as const))(
    "finds a picture listed as %s of this one",
    (orientation, i) => {
      const index = bruteForceIndex(pdqList(flipBits(view.dihedral[i]!, 9)))
      const { matches } = matchFingerprint(picture, index)
      expect(matches).toHaveLength(1)
      expect(matches[0]).toMatchObject({
        hashType: "pdq",
        distanceBits: 9,
        radiusBits: 31,
        quality: 90,
        transformation: { orientation, crop: "none", background: "dropped", frame: 0 },
      })
    },
  )

  it("finds an entry on the radius but not one bit beyond it, by each list's own radius", () => {
    const index = bruteForceIndex(
      pdqList(flipBits(view.pdq, 31), { name: "at-31" }),
      pdqList(flipBits(view.pdq, 32), { name: "beyond-31" }),
      pdqList(flipBits(view.pdq, 10), { name: "at-10", radiusBits: 10 }),
      pdqList(flipBits(view.pdq, 11), { name: "beyond-10", radiusBits: 10 }),
    )
    expect(matchFingerprint(picture, index).matches.map((match) => match.list)).toEqual(["at-10", "at-31"])
  })

  it("rejects a hit that the index reports outside the list's radius", () => {
    const honest = bruteForceIndex(pdqList(view.pdq, { radiusBits: 5 }))
    const eager: ListIndex = {
      ...honest,
      matchPdq: () => [{ list: honest.lists[0]!, entry: 0, category: "x", hashType: "pdq", distanceBits: 6, query: 0 }],
    }
    expect(matchFingerprint(picture, eager).matches).toEqual([])
  })

  it("records a hit of a picture below quality 50 but never counts it", () => {
    const flat = aPicture("flat", [aView("flat", { quality: 0 }), aView("nearly flat", { quality: 49 })])
    const index = bruteForceIndex(pdqList(pdqOf("flat 0")), pdqList(pdqOf("nearly flat 5"), { name: "b-list" }))
    const { matches, weakMatches } = matchFingerprint(flat, index)
    expect(matches).toEqual([])
    expect(weakMatches.map(({ list, quality }) => [list, quality])).toEqual([
      ["a-list", 0],
      ["b-list", 49],
    ])
  })

  it("attributes a hash that a good and a weak view share to the good view", () => {
    const shared = aView("same").dihedral
    const views = [
      aView("same", { quality: 10, dihedral: shared }),
      aView("same", { quality: 50, dihedral: shared, frame: 1 }),
    ]
    const { matches, weakMatches } = matchFingerprint(
      aPicture("two frames", views),
      bruteForceIndex(pdqList(shared[0]!)),
    )
    expect(matches).toHaveLength(1)
    expect(matches[0]).toMatchObject({ quality: 50, transformation: { frame: 1 } })
    expect(weakMatches).toEqual([])
  })

  it("looks up all views in one call, each distinct hash once", () => {
    const asked: Uint8Array[] = []
    const index: ListIndex = {
      ...bruteForceIndex(),
      matchPdq(hashes) {
        asked.push(hashes)
        return []
      },
    }
    const symmetric = Array.from({ length: 8 }, (_, i) => pdqOf(`symmetric ${i % 2}`))
    const views = [
      aView("one"),
      aView("one", { background: "white" }),
      aView("symmetric", { dihedral: symmetric, frame: 1 }),
    ]
    matchFingerprint(aPicture("many views", views), index)
    expect(asked.map((hashes) => hashes.length / 32)).toEqual([10])
    expect(Buffer.from(asked[0]!.subarray(0, 32)).toString("hex")).toBe(views[0]!.pdq)
  })

  it("names the first view and orientation among equally near ones", () => {
    const symmetric = aView("symmetric", { dihedral: Array<string>(8).fill(pdqOf("symmetric")) })
    const twice = [symmetric, { ...symmetric, frame: 3 }]
    const { matches } = matchFingerprint(aPicture("symmetric", twice), bruteForceIndex(pdqList(symmetric.pdq)))
    expect(matches.map((match) => match.transformation)).toEqual([
      { orientation: "upright", crop: "none", background: "dropped", frame: 0 },
    ])
  })

  it("names the same view among equally near ones whatever the index's order", () => {
    const listed = pdqOf("listed")
    const near = [
      aView("x", { dihedral: allOf(flipBits(listed, 3)) }),
      aView("y", { dihedral: allOf(flipBits(listed, 2)) }),
    ]
    const nearest = aView("z", { dihedral: allOf(flipHighBit(flipBits(listed, 1))), frame: 2 })
    const index = bruteForceIndex(pdqList(listed))
    const backwards = { ...index, matchPdq: (hashes: Uint8Array) => index.matchPdq(hashes).toReversed() }
    for (const order of [index, backwards]) {
      const { matches } = matchFingerprint(aPicture("near", [...near, nearest]), order)
      expect(matches).toMatchObject([{ distanceBits: 2, transformation: { frame: 0 }, quality: 90 }])
    }
    const tied = [aView("y", { dihedral: allOf(flipBits(listed, 2)), frame: 7 }), nearest]
    expect(matchFingerprint(aPicture("tied", tied), backwards).matches[0]?.transformation?.frame).toBe(7)
    expect(matchFingerprint(aPicture("tied", tied.toReversed()), backwards).matches[0]?.transformation?.frame).toBe(2)
  })

  it("does not record an entry as weak that also matches at good quality", () => {
    const listed = pdqOf("listed")
    const views = [
      aView("blurred", { dihedral: allOf(listed), quality: 20 }),
      aView("sharp", { dihedral: allOf(flipBits(listed, 8)), quality: 80 }),
    ]
    const { matches, weakMatches } = matchFingerprint(aPicture("both", views), bruteForceIndex(pdqList(listed)))
    expect(matches).toMatchObject([{ distanceBits: 8, quality: 80 }])
    expect(weakMatches).toEqual([])
  })

  it("keeps a test card's match beside a real one", () => {
    const index = bruteForceIndex(pdqList(view.pdq, { name: "cards", trust: "test" }), pdqList(view.pdq))
    expect(matchFingerprint(picture, index).matches.map(({ trust }) => trust)).toEqual(["trusted", "test"])
  })

  it("refuses an index that answers in the wrong shape", () => {
    const honest = bruteForceIndex(pdqList(view.pdq))
    const hit = { list: honest.lists[0]!, entry: 0, category: "x", hashType: "pdq", distanceBits: 0, query: 0 } as const
    const answering = (hits: unknown): ListIndex => ({ ...honest, matchPdq: () => hits as readonly PdqHit[] })
    expect(() => matchFingerprint(picture, answering([{ ...hit, query: 8 }]))).toThrow(TypeError)
    expect(() => matchFingerprint(picture, answering([{ ...hit, distanceBits: Number.NaN }]))).toThrow(TypeError)
    expect(() => matchFingerprint(picture, answering([{ ...hit, distanceBits: -1 }]))).toThrow(TypeError)
    expect(() => matchFingerprint(picture, answering([{ ...hit, hashType: "md5" }]))).toThrow(TypeError)
    expect(() => matchFingerprint(picture, answering(undefined))).toThrow(TypeError)
  })

  it("refuses a malformed hash instead of looking up half of it", () => {
    const index = bruteForceIndex()
    for (const bad of ["", view.pdq.slice(1), `${view.pdq.slice(1)}g`, `g${view.pdq.slice(1)}`]) {
      const views = [aView("bad", { dihedral: [...view.dihedral.slice(1), bad] })]
      expect(() => matchFingerprint(aPicture("bad", views), index)).toThrow(TypeError)
    }
  })

  it("keeps the strongest matches of a degenerate list and counts the rest", () => {
    const entries = Array.from({ length: MAX_MATCHES + 5 }, (_, i) => ({
      hashType: "pdq" as const,
      hash: flipBits(view.pdq, i < 5 ? 20 : 1),
    }))
    const exact = [{ hashType: "sha256" as const, hash: picture.sha256 }]
    const result = matchFingerprint(
      picture,
      bruteForceIndex({ name: "degenerate", entries }, { name: "z", entries: exact }),
    )
    expect(result.matches).toHaveLength(MAX_MATCHES)
    expect(result.matches[0]).toMatchObject({ list: "z", hashType: "sha256" })
    expect(result.matches.every((match) => match.distanceBits <= 1)).toBe(true)
    expect(result.omitted).toBe(6)
  })
})

describe("false positives", () => {
  const entryHash = flipBits(view.pdq, 4)
  const pair = { list: "a-list", entryHash, sha256: picture.sha256 }

  it("suppress one entry of one list on one item", () => {
    const index = bruteForceIndex(
      {
        name: "a-list",
        entries: [
          { hashType: "pdq", hash: entryHash },
          { hashType: "pdq", hash: view.pdq },
        ],
      },
      pdqList(entryHash, { name: "b-list" }),
    )
    const result = matchFingerprint(picture, index, { falsePositives: createFalsePositiveList([pair]) })
    expect(result.matches.map(({ list, entry }) => [list, entry])).toEqual([
      ["a-list", 1],
      ["b-list", 0],
    ])
    expect(result.suppressed).toBe(1)
  })

  it("do not suppress the same entry on another item", () => {
    const other = { ...picture, sha256: "f".repeat(64) }
    const result = matchFingerprint(other, bruteForceIndex(pdqList(entryHash)), {
      falsePositives: createFalsePositiveList([pair]),
    })
    expect(result).toMatchObject({ matches: [{ list: "a-list" }], suppressed: 0 })
  })

  it("suppress an MD5 hit but never a SHA hit", () => {
    const index = bruteForceIndex({
      name: "a-list",
      entries: [
        { hashType: "md5", hash: picture.md5 },
        { hashType: "sha1", hash: picture.sha1 },
        { hashType: "sha256", hash: picture.sha256 },
      ],
    })
    const falsePositives = {
      hasItem: () => true,
      has: () => true,
    }
    const result = matchFingerprint(picture, index, { falsePositives })
    expect(result.matches.map((match) => match.hashType)).toEqual(["sha256", "sha1"])
    expect(result.suppressed).toBe(1)
  })
})

describe("matching compared with an oracle", () => {
  const seeds = fc.integer({ min: 0, max: 5 })
  const aHash = fc
    .tuple(seeds, fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 40 }))
    .map(([seed, orientation, bits]) => flipBits(pdqOf(`${seed} ${orientation}`), bits))
  const anEntry = fc.oneof(
    fc.record({ hashType: fc.constant("pdq" as const), hash: aHash }),
    seeds.map((seed) => ({ hashType: "sha1" as const, hash: aPicture(`${seed}`).sha1 })),
  )
  const someLists = fc.array(
    fc.record({
      trust: fc.constantFrom<Trust>("trusted", "unverified", "test"),
      radiusBits: fc.integer({ min: 0, max: 40 }),
      entries: fc.array(anEntry, { maxLength: 12 }),
    }),
    { maxLength: 4 },
  )
  const someViews = fc.array(fc.tuple(seeds, fc.constantFrom(0, 49, 50, 100)), { minLength: 1, maxLength: 4 })

  it("finds exactly what comparing every pair finds, in the same order whatever the index's order", () => {
    fc.assert(
      fc.property(someLists, someViews, seeds, (lists, views, seed) => {
        const named = lists.map((list, i): TestList => ({ ...list, name: `list-${i}` }))
        const item = aPicture(
          `${seed}`,
          views.map(([viewSeed, quality], frame) => aView(`${viewSeed}`, { quality, frame })),
        )
        const index = bruteForceIndex(...named)
        const result = matchFingerprint(item, index)
        expect(result.matches.map(summary).sort()).toEqual(oracle(item, named, (quality) => quality >= 50))
        const strong = new Set(result.matches.map(keyOf))
        const weak = oracle(item, named, (quality) => quality < 50).filter((line) => line.includes("pdq"))
        expect(result.weakMatches.map(summary).sort()).toEqual(
          weak.filter((line) => !strong.has(line.replace(/ \d+$/, ""))),
        )

        const backwards: ListIndex = {
          ...index,
          matchDigests: (digests) => index.matchDigests(digests).toReversed(),
          matchPdq: (hashes) => index.matchPdq(hashes).toReversed(),
        }
        expect(matchFingerprint(item, backwards)).toEqual(result)
      }),
    )
  })

  const keyOf = ({ list, entry, hashType }: Match) => `${list} ${entry} ${hashType}`
  const summary = (match: Match) => `${keyOf(match)} ${match.distanceBits}`

  function oracle(item: Fingerprint, lists: readonly TestList[], counts: (quality: number) => boolean): string[] {
    return lists
      .flatMap(({ name, entries, radiusBits }) =>
        entries.flatMap(({ hashType, hash }, entry) => {
          if (hashType === "sha1") return hash === item.sha1 ? [`${name} ${entry} sha1 0`] : []
          const distances = item.picture!.views.flatMap((view) =>
            view.dihedral.filter((h) => isOfClass(item, h, counts)).map((h) => hexDistance(h, hash)),
          )
          const nearest = Math.min(256, ...distances)
          return nearest <= radiusBits! ? [`${name} ${entry} ${hashType} ${nearest}`] : []
        }),
      )
      .sort()
  }

  /** A hash counts with the best quality among its views. */
  function isOfClass(item: Fingerprint, hash: string, counts: (quality: number) => boolean): boolean {
    const qualities = item.picture!.views.filter((view) => view.dihedral.includes(hash)).map((view) => view.quality)
    return counts(Math.max(...qualities))
  }
})
