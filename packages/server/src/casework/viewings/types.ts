import type { PersonId } from "../../platform/auth/actor.ts"
import type { ItemId } from "../cases/types.ts"

/** One showing of one item to one person. Times are `undefined` until the step happened. */
export interface Viewing {
  /** `viewing-<uuid>`. */
  readonly viewingId: string
  readonly person: string
  readonly caseId: string
  readonly itemId: string
  readonly evidenceId: string
  readonly grantId: string
  readonly purpose: "derivative" | "original"
  readonly reason: string
  readonly requestedAt: Date
  readonly shownAt: Date | undefined
  readonly endedAt: Date | undefined
  readonly attestedAt: Date | undefined
}

/** A file that a named person opened whole and unaltered, and attested so: the only source of "viewed". */
export interface ViewedFile {
  readonly itemId: ItemId
  readonly evidenceId: string
  readonly person: PersonId
  readonly exifViewed: boolean
  readonly at: Date
}
