/**
 * Near-duplicates: pictures that look alike stand beside each other, so that who works through them sees the like of it
 * once. They share order, never a decision, a flag that something was seen, or a report.
 * @module
 */
import { fromHex, hammingDistance, MATCH_MIN_QUALITY, MATCH_RADIUS_BITS } from "@nightlight/pdq"
import type { FindId, LocationContext } from "./types.ts"

/** Which finds look alike. */
export interface NearFinds {
  /** Finds of the case, those that look alike next to each other. */
  readonly order: readonly FindId[]
  /** Of each find that has any, the finds that look like it; those of other cases of its group too. */
  readonly near: readonly { readonly findId: FindId; readonly alike: readonly { caseId: string; findId: FindId }[] }[]
}

/** A find with what was sealed of its first place. */
export interface ComparedFind {
  readonly caseId: string
  readonly findId: FindId
  readonly context: LocationContext
}

/** Of a picture, the first frame whole and cropped: more would make a thousand finds a long comparison. */
const HASHES_MAX = 2

/** Compares finds by PDQ within the usual radius, each with each. */
export function nearFinds(caseId: string, finds: readonly ComparedFind[]): NearFinds {
  const hashed = finds.map((find) => ({ ...find, hashes: pdqHashesOf(find.context) }))
  const alike = new Map<FindId, { caseId: string; findId: FindId }[]>()
  const note = (of: ComparedFind, other: ComparedFind) => {
    const known = alike.get(of.findId) ?? []
    known.push({ caseId: other.caseId, findId: other.findId })
    alike.set(of.findId, known)
  }
  for (const [at, one] of hashed.entries()) {
    for (const other of hashed.slice(at + 1)) {
      if (!one.hashes.some((a) => other.hashes.some((b) => hammingDistance(a, b) <= MATCH_RADIUS_BITS))) continue
      note(one, other)
      note(other, one)
    }
  }
  const own = hashed.filter((find) => find.caseId === caseId).map(({ findId }) => findId)
  return {
    order: ordered(own, (findId) => (alike.get(findId) ?? []).map((other) => other.findId)),
    near: own.flatMap((findId) => {
      const others = alike.get(findId)
      return others === undefined ? [] : [{ findId, alike: others }]
    }),
  }
}

/** Order of attachment, but everything that hangs together behind its first. */
function ordered(own: readonly FindId[], alike: (findId: FindId) => readonly FindId[]): readonly FindId[] {
  const mine = new Set(own)
  const placed = new Set<FindId>()
  for (const first of own) {
    const waiting = [first]
    for (let findId = waiting.shift(); findId !== undefined; findId = waiting.shift()) {
      if (placed.has(findId)) continue
      if (mine.has(findId)) placed.add(findId)
      waiting.push(...alike(findId).filter((other) => mine.has(other) && !placed.has(other)))
    }
  }
  return [...placed]
}

/** PDQ hashes good enough to match by, from the fingerprint that stands in a sealed context; none where there is none. */
export function pdqHashesOf({ found }: LocationContext): readonly Uint8Array[] {
  const views = member(member(member(found, "fingerprint"), "picture"), "views")
  if (!Array.isArray(views)) return []
  const hashes: Uint8Array[] = []
  for (const view of views as readonly unknown[]) {
    const pdq = member(view, "pdq")
    const quality = member(view, "quality")
    if (typeof pdq !== "string" || !/^[0-9a-f]{64}$/.test(pdq)) continue
    if (typeof quality !== "number" || quality < MATCH_MIN_QUALITY) continue
    hashes.push(fromHex(pdq))
    if (hashes.length === HASHES_MAX) break
  }
  return hashes
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
