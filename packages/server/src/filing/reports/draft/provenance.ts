/**
 * Where a dataset's items came from, in a form that an investigator can act on: a match in training data alone gives
 * nobody anything to follow.
 * @module
 */
import type { DraftLocation, DraftMaterial } from "./material.ts"
import { publicUrl } from "./public-url.ts"

/** URLs in one report: further ones go into the details of the files. */
const MAX_URLS = 200
/** Lines of provenance in one report. */
const MAX_LINES = 200

/** The distinct usable URLs of locations, in order. */
export function usableUrls(locations: readonly DraftLocation[]): string[] {
  const urls = locations.flatMap(({ sourceUrl = "" }) => publicUrl(sourceUrl) ?? [])
  return [...new Set(urls)].slice(0, MAX_URLS)
}

/** The lines of {@link provenanceText} except those of places, with slots for the numbers. */
export const PROVENANCE_LINES = {
  screened: "Found by screening a training dataset: {files} items in {number} places.",
  stated:
    "Sources stand as the dataset states them; that an item is in the dataset says nothing of who made or placed it.",
  more: "{number} more places are on record with us.",
} as const

/** Stands in the place of a URL that others cannot open. */
export const PRIVATE_SOURCE = "an address that others cannot ask, on record with us"

/** States how the items were found and where their copies are, one line each. */
export function provenanceText({ origin, items: caseItems }: DraftMaterial): readonly string[] {
  if (origin !== "dataset") return []
  const locations = caseItems.flatMap((caseItem) =>
    caseItem.locations.map((location) => ({ item: caseItem, location })),
  )
  const lines = locations
    .slice(0, MAX_LINES)
    .map(({ item: caseItem, location }) => lineOf(caseItem.digests.sha256, location))
  const more = locations.length - lines.length
  return [
    PROVENANCE_LINES.screened.replace("{files}", `${caseItems.length}`).replace("{number}", `${locations.length}`),
    PROVENANCE_LINES.stated,
    ...lines,
    ...(more > 0 ? [PROVENANCE_LINES.more.replace("{number}", `${more}`)] : []),
  ]
}

function lineOf(sha256: string | undefined, location: DraftLocation): string {
  const { sourceUrl, datasetName, shard, key, licence, screenedAt } = location
  const parts = [
    ["SHA-256", sha256],
    ["source", sourceUrl === undefined ? undefined : (publicUrl(sourceUrl) ?? PRIVATE_SOURCE)],
    ["dataset", datasetName],
    ["shard", nameOf(shard)],
    ["key", nameOf(key)],
    ["declared licence", licence],
    ["found", screenedAt],
  ]
  return parts
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}`)
    .join("; ")
}

/** The last name of a path: the folders above it are ours, and mean nothing to others. */
export function nameOf(path: string | undefined): string | undefined {
  const name = path?.split(/[/\\]/).findLast((part) => part !== "")
  return name === undefined || name === "." || name === ".." ? undefined : name
}
