/**
 * Who saw which content whole, and who attested it.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"

/** An original that was shown. */
export interface ShownOriginal {
  readonly grantId: string
  readonly person: string
  readonly evidenceId: string
  readonly ciphertextSha256: string
  /** Keyed digest of the content's SHA-256. */
  readonly content: string
  readonly at: string
}

/** Attestations of one content. */
export interface Attested {
  /** Somebody saw the whole of it. */
  readonly viewed: boolean
  /** And its metadata. */
  readonly exifViewed: boolean
}

/** Follows `viewing.shown` of originals, and `attestation.made`. */
export class ViewingBook implements Book {
  readonly #shown = new Map<string, ShownOriginal>()
  readonly #attestedGrants = new Set<string>()
  readonly #attested = new Map<string, Attested>()

  apply({ type, at, data }: AuditEvent): void {
    if (type === "viewing.shown" && data["rendition"] === "original") {
      const shown = { ...(data as unknown as Omit<ShownOriginal, "at">), at }
      this.#shown.set(shown.grantId, shown)
    } else if (type === "attestation.made") {
      const { grantId, content, exifViewed } = data as Readonly<Record<string, unknown>>
      this.#attestedGrants.add(grantId as string)
      const before = this.#attested.get(content as string)
      this.#attested.set(content as string, {
        viewed: true,
        exifViewed: exifViewed === true || before?.exifViewed === true,
      })
    }
  }

  shown(grantId: string): ShownOriginal | undefined {
    return this.#shown.get(grantId)
  }

  hasAttestation(grantId: string): boolean {
    return this.#attestedGrants.has(grantId)
  }

  /** Attestations of a content, by its keyed digest. */
  attested(content: string): Attested {
    return this.#attested.get(content) ?? { viewed: false, exifViewed: false }
  }
}
