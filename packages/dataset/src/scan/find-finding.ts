/**
 * Finds a finding by its id, or the first digits of it.
 * @module
 */
import type { Finding } from "@nightlight/contract"
import { compact, type Match, RequestError, type Signals } from "@nightlight/core"
import type { Workspace } from "../workspace/workspace.ts"
import { scanFolder } from "./scan-folder.ts"
import { scanIds } from "./scan-records.ts"
import { type KeptFinding, readKeptFindings } from "./superseded.ts"

/** Fewest digits that name a finding. */
const MIN_DIGITS = 8

/**
 * Looks a finding up in all scans of a workspace.
 *
 * @throws {RequestError} `input_invalid` if the id is too short, or fits several; `not_found`.
 */
export function findFinding(workspace: Workspace, id: string): Finding {
  return findKept(workspace, id).finding
}

/**
 * Looks a finding up, with the receipt of its shard; the newest scan's where several hold it.
 *
 * @throws as {@link findFinding}.
 */
export function findKept(workspace: Workspace, id: string): KeptFinding {
  if (!/^[0-9a-f]+$/.test(id) || id.length < MIN_DIGITS) {
    throw new RequestError("input_invalid", `expected at least ${MIN_DIGITS} digits of a finding's id`, {
      hint: "nightlight findings prints them.",
    })
  }
  const found = scanIds(workspace.layout.scans).flatMap((scan) =>
    readKeptFindings(scanFolder(workspace.layout.scans, scan), workspace.verifier).filter(({ finding }) =>
      finding.id.startsWith(id),
    ),
  )
  const [newest] = found.toReversed()
  if (newest === undefined) throw new RequestError("not_found", "there is no such finding in this workspace")
  if (found.some(({ finding }) => finding.id !== newest.finding.id)) {
    throw new RequestError("input_invalid", "several findings begin with these digits: give more of them")
  }
  return newest
}

/** The signals on which a finding was decided. */
export function signalsOf({ matches, weakMatches, cause, mediaType, kind }: Finding): Signals {
  return compact({
    matches: matches as readonly Match[],
    weakMatches: weakMatches as readonly Match[],
    scores: [],
    inconclusive: cause === undefined ? undefined : (cause as NonNullable<Signals["inconclusive"]>),
    mediaType,
    kind,
    screened: true,
  })
}
