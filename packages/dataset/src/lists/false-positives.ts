/**
 * Records that a finding's match is a false positive: the next scan ignores that entry for that item.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { signDocument, withLock, writeFileAtomic } from "@nightlight/durable"
import { openSnapshot } from "@nightlight/screening"
import { findFinding } from "../scan/find-finding.ts"
import {
  FALSE_POSITIVE_FORMAT,
  type FalsePositiveLine,
  pairKey,
  readFalsePositiveLines,
} from "../workspace/false-positives.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** The result. */
export interface FalsePositiveReport {
  /** Whole id of the finding. */
  readonly finding: string
  /** Pairs added, or taken back. */
  readonly pairs: number
}

/**
 * Records the PDQ and MD5 matches of a finding as false positives, or withdraws that. A SHA match is exact and cannot
 * be a false positive.
 *
 * @throws {RequestError} `not_found`, `input_invalid` as `findFinding`; `state_conflict` if a SHA match makes the
 * finding exact, or it has no match that can be suppressed; `list_unknown` if the list's version is gone.
 */
export async function recordFalsePositive(
  workspace: Workspace,
  findingId: string,
  { reason, undo }: { readonly reason: string; readonly undo: boolean },
): Promise<FalsePositiveReport> {
  const { layout, verifier, signer, clock } = workspace
  const finding = findFinding(workspace, findingId)
  const pairs = await pairsOf(workspace, finding)
  return withLock(`${layout.falsePositives}.lock`, async () => {
    const lines = await readFalsePositiveLines(layout.falsePositives, verifier)
    const named = new Set(pairs.map(pairKey))
    const others = lines.filter((line) => !named.has(pairKey(line)))
    const added = undo
      ? []
      : pairs.map((pair) => ({ ...pair, reason, people: "one person", recordedAt: clock.now().toISOString() }))
    const changed = undo ? lines.length - others.length : added.length
    const text = [...others, ...added]
      .map((line) => `${JSON.stringify(signDocument({ format: FALSE_POSITIVE_FORMAT, ...line }, signer))}\n`)
      .join("")
    await writeFileAtomic(layout.falsePositives, text, 0o600)
    await workspace.record(undo ? "false-positive.withdrawn" : "false-positive.recorded", {
      finding: finding.id,
      pairs: changed,
      people: "one-person",
    })
    return { finding: finding.id, pairs: changed }
  })
}

type Pair = Pick<FalsePositiveLine, "list" | "entryDigest" | "itemDigest">

async function pairsOf(workspace: Workspace, { matches, itemDigest }: ReturnType<typeof findFinding>): Promise<Pair[]> {
  if (matches.some(({ hashType }) => hashType === "sha1" || hashType === "sha256")) {
    throw new RequestError(
      "state_conflict",
      "this finding is the listed file itself: an exact match cannot be a false positive",
      {
        hint: "If the list is wrong, tell its source; nightlight lists remove removes the list.",
      },
    )
  }
  const pairs: Pair[] = []
  for (const { list, snapshot, entry } of matches) {
    const place = { listsDir: workspace.layout.lists, name: list, version: snapshot }
    await using opened = await openSnapshot(place, workspace.verifier)
    const { hash } = opened.entries.entryAt(entry)
    pairs.push({ list, entryDigest: workspace.keyed.of("entry", hash), itemDigest: itemDigest ?? "" })
  }
  if (pairs.length > 0 && itemDigest !== undefined) return pairs
  throw new RequestError("state_conflict", "this finding has no match of a list")
}
