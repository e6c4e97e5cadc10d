/**
 * Whom a case can be reported to.
 * @module
 */

/**
 * An authority. `built`: the service files by itself, as `reports/` does with NCMEC; `manual`: a person files through
 * the authority's own way, and says so here.
 */
export interface Authority {
  /** Short name, such as `ncmec` or `uk-nca`. */
  readonly id: string
  readonly name: string
  readonly filing: "built" | "manual"
  /** Where people report, for the page; never called by the service. */
  readonly page: string | undefined
}

/** The one authority whose interface is built. */
export const NCMEC: Authority = {
  id: "ncmec",
  name: "NCMEC CyberTipline",
  filing: "built",
  page: "https://report.cybertip.org",
}

/** A report to an authority that was made by hand. */
export interface Referral {
  /** `referral-<uuid>`. */
  readonly referralId: string
  readonly caseId: string
  readonly authority: string
  readonly madeBy: string
  readonly madeAt: Date
}
