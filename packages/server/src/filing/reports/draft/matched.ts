/**
 * States in words how each item of a report matched: the kind of match and of list and, for a picture that looks alike,
 * the distance. It never states the list's name, its entry or the entry's hash: the content of a list stays with its
 * provider.
 * @module
 */
import type { Match } from "@nightlight/core"
import { strengthOf } from "../../../casework/cases/state/grouping.ts"
import type { Strength } from "../../../platform/db/tables/casework.ts"
import type { DraftItem } from "./material.ts"

/** Strength and wording of an item's match. */
export interface ItemMatch {
  readonly strength: Strength
  /** One or more sentences. */
  readonly statement: string
}

const NAMES = { md5: "MD5", sha1: "SHA-1", sha256: "SHA-256", pdq: "PDQ", url: "address" } as const
const BY_A_PERSON = "A person decided to report this item; the match alone did not."

/** States how an item matched, by its strongest match over all its places. */
export function matchOf(matches: readonly Match[]): ItemMatch {
  const real = matches.filter(({ trust }) => trust !== "test")
  const strength = strengthOf(real)
  const statement = strength === "exact" ? exactStatement(real) : `${otherStatement(strength, real)} ${BY_A_PERSON}`
  return { strength, statement }
}

function exactStatement(matches: readonly Match[]): string {
  const exact = matches.filter((match) => strengthOf([match]) === "exact")
  return exactMatchText(sameAs(exact))
}

/** Says that a file matched exactly. @param same - Which hashes equal, such as `SHA-1 equals that of`. */
export function exactMatchText(same: string): string {
  return `Exact match: the file's ${same} a file on a hash list of known material.`
}

function otherStatement(strength: Strength, matches: readonly Match[]): string {
  const strongest = matches.filter((match) => strengthOf([match]) === strength)
  const list =
    strength === "unverified" ? "an unverified hash list, not confirmed by its source" : "a hash list of known material"
  const [nearest] = strongest
    .filter(({ hashType }) => hashType === "pdq")
    .toSorted((a, b) => a.distanceBits - b.distanceBits)
  const computed = strongest.filter(({ hashType, declared }) => hashType !== "pdq" && declared !== true)
  if (computed.length > 0) return `Not proof: the file's ${sameAs(computed)} an entry of ${list}.`
  if (nearest !== undefined) {
    const { distanceBits, radiusBits } = nearest
    return `Near match, not exact: by perceptual hash (PDQ) ${distanceBits} of 256 bits differ from an entry of ${list}; up to ${radiusBits} count as a match.`
  }
  if (strongest.length > 0 && strongest.every(({ hashType }) => hashType === "url")) {
    return `Not proof: the address that the file's metadata states as its origin is on ${list.replace("hash list", "list")}.`
  }
  if (strongest.length > 0 && strength !== "other") {
    return `Not proof: a ${hashesOf(strongest)} digest that the file's metadata states, not computed from its bytes, equals that of an entry of ${list}.`
  }
  return "No hash list matched."
}

/** Names the hashes that are equal: `SHA-1 and SHA-256 equal those of`. */
function sameAs(matches: readonly Match[]): string {
  const names = hashesOf(matches)
  return names.includes(" and ") ? `${names} equal those of` : `${names} equals that of`
}

function hashesOf(matches: readonly Match[]): string {
  return [...new Set(matches.map(({ hashType }) => NAMES[hashType]))].toSorted().join(" and ")
}

const SUMMARY = "How the items matched: "

const COUNTED: Readonly<Record<Strength, string>> = {
  exact: "by the exact SHA-1 or SHA-256 of a file on a hash list of known material",
  near: "nearly (perceptual hash PDQ, MD5 alone, or a stated digest), each included by a person",
  unverified: "by an unverified hash list, each included by a person",
  other: "by no hash list, each included by a person",
  test: "by a test list",
}

/** How many items of a report matched in which way, in one line. */
export function matchSummary(caseItems: readonly DraftItem[]): string {
  const byStrength = Map.groupBy(caseItems, ({ match }) => match.strength)
  return summaryText(Object.fromEntries([...byStrength].map(([strength, { length }]) => [strength, length])))
}

/** The line of {@link matchSummary} for these numbers of items; a template has a slot in the place of a number. */
export function summaryText(counts: Readonly<Partial<Record<Strength, number | string>>>): string {
  const parts = (Object.keys(COUNTED) as Strength[]).flatMap((strength) => {
    const count = counts[strength]
    return count === undefined ? [] : [`${count} ${COUNTED[strength]}`]
  })
  return `${SUMMARY}${parts.join("; ")}.`
}

/** Whether a line was written by {@link matchSummary}; such a line does not say where the items came from. */
export function isMatchSummary(line: string): boolean {
  return line.startsWith(SUMMARY)
}
