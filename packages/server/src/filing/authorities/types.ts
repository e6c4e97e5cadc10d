/**
 * Authorities that a case can be reported to.
 * @module
 */

/**
 * An authority. `built`: the server files by itself, as `reports/` does with NCMEC; `manual`: a person files in the
 * authority's own way and records it here.
 */
export interface Authority {
  /** Short name, such as `ncmec` or `uk-nca`. */
  readonly id: string
  readonly name: string
  readonly filing: "built" | "manual"
  /** Page where people report; the server never calls it. */
  readonly page: string | undefined
}

/** The only authority that the server files with. */
export const NCMEC: Authority = {
  id: "ncmec",
  name: "NCMEC CyberTipline",
  filing: "built",
  page: "https://report.cybertip.org",
}

/** A report to an authority that a person made. */
export interface Referral {
  /** `referral-<uuid>`. */
  readonly referralId: string
  readonly caseId: string
  readonly authority: string
  readonly madeBy: string
  readonly madeAt: Date
}
