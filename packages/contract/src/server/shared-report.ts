/**
 * Shared parts of a workspace's reports about its scans, hunts and purges: counts, codes and names of lists.
 * @module
 */
import { z } from "zod"
import { ListCoverage } from "../screening.ts"

/** A number of things. */
export const Count = z.int().nonnegative()
/** A code, a media type or a version: a name in a report, never a sentence or a place. */
const CODE = /^[A-Za-z0-9][A-Za-z0-9 .,_+/:;-]{0,119}$/
/** A code in a report. */
export const ReportCode = z.string().regex(CODE)
/** Counts by code. A wrong name refuses the whole, without quoting it: what a caller put there is in no answer. */
export const CodeCounts = z.record(z.string(), Count).refine((counts) => {
  const names = Object.keys(counts)
  return names.length <= 200 && names.every((name) => CODE.test(name))
})
/** Name of a list. */
export const ListName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
const AsOf = z.string().regex(/^\d{4}-\d{2}-\d{2}[0-9T:.Z+-]{0,30}$/)

/** The source's own name of a scan, such as `s-000001`. */
export const ScanNameText = z.string().regex(/^s-\d{6}$/)

/** A list in the state in which something was screened against it, by its operator's own workspace. */
export const SharedListCoverage = ListCoverage.extend({ name: ListName, asOf: AsOf.exactOptional() })

/** Known items in a source, and in how many shards; `test` counts test cards, not among `items`. */
export const SharedInPlace = z.strictObject({ items: Count, test: Count, shards: Count })
export type SharedInPlace = z.infer<typeof SharedInPlace>
