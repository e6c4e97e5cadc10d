/**
 * Where a dataset's items came from, in words that an investigator can act on: without it a match in training data says
 * nothing that anyone could follow.
 * @module
 */
import type { DraftLocation, DraftMaterial } from "./material.ts"
import { publicUrl } from "./public-url.ts"

/** URLs in one report: more go into the files' own details. */
const MAX_URLS = 200
/** Lines of provenance in one report. */
const MAX_LINES = 200

/** The distinct usable URLs of locations, in their order. */
export function usableUrls(locations: readonly DraftLocation[]): string[] {
  const urls = locations.flatMap(({ sourceUrl = "" }) => publicUrl(sourceUrl) ?? [])
  return [...new Set(urls)].slice(0, MAX_URLS)
}

/** Says how the items were found and where their copies lie, one line each. */
export function provenanceText({ origin, finds }: DraftMaterial): readonly string[] {
  if (origin !== "dataset") return []
  const locations = finds.flatMap((find) => find.locations.map((location) => ({ find, location })))
  const lines = locations.slice(0, MAX_LINES).map(({ find, location }) => lineOf(find.digests.sha256, location))
  const more = locations.length - lines.length
  return [
    `Found by screening a training dataset: ${finds.length} items in ${locations.length} places.`,
    "Sources stand as the dataset states them; that an item is in the dataset says nothing of who made or placed it.",
    ...lines,
    ...(more > 0 ? [`${more} more places are on record with us.`] : []),
  ]
}

function lineOf(sha256: string | undefined, location: DraftLocation): string {
  const { sourceUrl, datasetName, shard, key, licence, screenedAt } = location
  const parts = [
    ["SHA-256", sha256],
    [
      "source",
      sourceUrl === undefined
        ? undefined
        : (publicUrl(sourceUrl) ?? "an address that others cannot ask, on record with us"),
    ],
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

/** The last name of a path: the folders above it are ours, and say nothing to anybody else. */
function nameOf(path: string | undefined): string | undefined {
  const name = path?.split(/[/\\]/).findLast((part) => part !== "")
  return name === undefined || name === "." || name === ".." ? undefined : name
}
