/**
 * Lists over HTTP: what the server's own index holds, how old it is, and what came of its matches. Never an entry.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"

const Count = z.int().nonnegative()

/** A list's name. */
export const ListNameText = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)

/** What came of a list's matches, over everything that was ever taken in. */
export const ListOutcomes = z.strictObject({
  /** Distinct items in cases that match the list. */
  items: Count,
  /** Cases that hold one of them. */
  cases: Count,
  /** Of those cases, by what was decided; the others wait. */
  decided: z.strictObject({ reportable: Count, policyViolation: Count, notViolation: Count }),
  /** Share of the decided cases that a person, or a filing authorisation, did not find harmless; absent before the first. */
  precision: z.number().min(0).max(1).exactOptional(),
})
export type ListOutcomes = z.infer<typeof ListOutcomes>

/** One list of the live index. */
export const ListView = z.strictObject({
  name: ListNameText,
  /** `trusted`: a SHA match quarantines; `unverified`: every match asks a person; `test`: test cards. */
  trust: z.enum(["trusted", "unverified", "test"]),
  /** Version of the snapshot, from 1. */
  snapshot: z.int().positive(),
  /** PDQ distance within which an entry matches, bits. */
  radiusBits: Count,
  entries: Count,
  /** Entries by type of hash. */
  byHashType: z.strictObject({ md5: Count, sha1: Count, sha256: Count, pdq: Count }),
  /** The date that the source gives for the list's state, and how long ago that was; absent where it gives none. */
  asOf: z.string().exactOptional(),
  ageDays: Count.exactOptional(),
  /** What the source allows, and until when, in the words that were kept with the list. */
  terms: z.string().exactOptional(),
  outcomes: ListOutcomes,
  /** Entries that have matched more than 20 distinct items: broken or poisoned, never filed on without a person. */
  broadEntries: Count,
  falsePositives: z.strictObject({ open: Count, accepted: Count, withdrawn: Count, ended: Count }),
})
export type ListView = z.infer<typeof ListView>

/** `GET /v1/lists` answer. */
export const ListsView = z.strictObject({
  /** The index in use; absent where none is: nothing can be screened then. */
  index: z.strictObject({ version: z.int().positive(), liveAt: Timestamp.exactOptional() }).exactOptional(),
  /** Why a newer index was refused, by its code; the one before stays in use. */
  fault: z.string().exactOptional(),
  /** Whether a list that is no test list is in it. */
  screens: z.boolean(),
  lists: z.array(ListView),
  /** Lists that are in the index no more and that cases still rest on. */
  former: z.array(z.strictObject({ name: z.string(), outcomes: ListOutcomes })),
})
export type ListsView = z.infer<typeof ListsView>
