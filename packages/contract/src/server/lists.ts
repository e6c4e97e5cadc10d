/**
 * Lists over HTTP: the content of the server's own index in numbers, its age, and the outcomes of its matches. Never an
 * entry.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"

const Count = z.int().nonnegative()

/** A list's name. */
export const ListNameText = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)

/** Outcomes of a list's matches, over everything that was ever verified. */
export const ListOutcomes = z.strictObject({
  /** Distinct items in cases that match the list. */
  items: Count,
  /** Cases that contain one of them. */
  cases: Count,
  /** Those cases by decision; the others wait. */
  decided: z.strictObject({ reportable: Count, policyViolation: Count, notViolation: Count }),
  /**
   * Share of the decided cases that a person, or a filing authorisation, did not find harmless; absent before the
   * first.
   */
  precision: z.number().min(0).max(1).exactOptional(),
})
export type ListOutcomes = z.infer<typeof ListOutcomes>

/** One list of the live index. */
export const ListView = z.strictObject({
  name: ListNameText,
  /** `trusted`: a SHA match quarantines; `unverified`: every match needs a person; `test`: test cards. */
  trust: z.enum(["trusted", "unverified", "test"]),
  /** Version of the snapshot, from 1. */
  snapshot: z.int().positive(),
  /** PDQ distance within which an entry matches, bits. */
  radiusBits: Count,
  entries: Count,
  /** Entries by type of hash. */
  byHashType: z.strictObject({ md5: Count, sha1: Count, sha256: Count, pdq: Count, url: Count }),
  /** The date that the source states for the list, and how long ago that was; absent if it states none. */
  asOf: z.string().exactOptional(),
  ageDays: Count.exactOptional(),
  /** The source's terms of use, as stored with the list: permitted use and its end. */
  terms: z.string().exactOptional(),
  outcomes: ListOutcomes,
  /** Entries that have matched more than 20 distinct items: broken or poisoned, never filed on without a person. */
  broadEntries: Count,
  falsePositives: z.strictObject({ open: Count, accepted: Count, withdrawn: Count, ended: Count }),
})
export type ListView = z.infer<typeof ListView>

/** `GET /v1/lists` answer. */
export const ListsView = z.strictObject({
  /** The index in use; absent if there is none, so that nothing can be screened. */
  index: z.strictObject({ version: z.int().positive(), liveAt: Timestamp.exactOptional() }).exactOptional(),
  /** Why a newer index was refused, by its code; the earlier one stays in use. */
  fault: z.string().exactOptional(),
  /** Whether it contains a list other than test lists. */
  screens: z.boolean(),
  lists: z.array(ListView),
  /** Lists that are no longer in the index and that cases still refer to. */
  former: z.array(z.strictObject({ name: z.string(), outcomes: ListOutcomes })),
})
export type ListsView = z.infer<typeof ListsView>
