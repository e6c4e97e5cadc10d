/**
 * Removal manifests: what to drop from other copies of a dataset, in a form that does not help anyone to find it.
 *
 * A `keyed` manifest has keyed digests: only the holder of the workspace's digest key can use it. A `padded` one may be
 * given to others: it names samples by shard and position, the withheld ones among many decoys, so that being on it
 * does not show that a sample was withheld (the safe diff of Re-LAION-5B).
 * @module
 */
import type { ShardReceipt } from "@nightlight/contract"
import { RequestError } from "@nightlight/core"
import { signDocument, writeFileAtomic } from "@nightlight/durable"
import { NO_BYTES_SHA256 } from "../readers/digest-item.ts"
import { readReceipts } from "../scan/finish-shard.ts"
import { scanFolder } from "../scan/scan-folder.ts"
import { readKeptFindings } from "../scan/superseded.ts"
import { TOOL } from "../tool.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** Which manifest to write. */
export interface ManifestRequest {
  readonly scan: string
  readonly out: string
  /** `padded` with this many decoys per withheld sample, at least 1; keyed where absent. */
  readonly decoys?: number
}

/** The result. It does not say how many lines are decoys. */
export interface ManifestResult {
  readonly kind: "keyed" | "padded"
  readonly lines: number
}

/** Default decoys per withheld sample: a line then is a withheld sample with a probability below 1 %. */
export const DEFAULT_DECOYS = 100

/** Fewest decoys of a padded manifest, however little was withheld, so that its length reveals nothing. */
const MIN_DECOYS = 1_000

/**
 * Writes a removal manifest of a scan.
 *
 * @throws {RequestError} `not_found` if there is no such scan; `input_invalid` if the dataset is too small to hide the
 *   withheld samples in.
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export async function exportManifest(workspace: Workspace, request: ManifestRequest): Promise<ManifestResult> {
  const folder = scanFolder(workspace.layout.scans, request.scan)
  const receipts = [...readReceipts(folder, workspace.verifier).values()]
  if (receipts.length === 0)
    throw new RequestError("not_found", `the scan ${request.scan} does not exist, or has no finished shard`)
  const kept = readKeptFindings(folder, workspace.verifier).filter(({ finding }) => finding.matches.length > 0)
  const lines = request.decoys === undefined ? keyedLines() : paddedLines()
  const kind = request.decoys === undefined ? "keyed" : "padded"
  const head = signDocument(
    { format: `nightlight-removal-${kind}/1`, tool: TOOL, lines: lines.length },
    workspace.signer,
  )
  const texts = lines.map((line) => JSON.stringify(line)).sort()
  await writeFileAtomic(request.out, [JSON.stringify(head), ...texts].map((line) => `${line}\n`).join(""), 0o600)
  return { kind, lines: lines.length }

  function keyedLines() {
    const noBytes = workspace.keyed.of("item", NO_BYTES_SHA256)
    const digests = kept.flatMap(({ finding: { itemDigest, matches } }) => {
      // An empty download whose metadata states a listed address: its digest is that of every empty file.
      const isOnlyStated = itemDigest === noBytes && matches.every(({ declared }) => declared === true)
      return itemDigest === undefined || isOnlyStated ? [] : [itemDigest]
    })
    return [...new Set(digests)].map((itemDigest) => ({ itemDigest }))
  }

  function paddedLines() {
    const samples = receipts.reduce((total, receipt) => total + receipt.samples, 0)
    // A place in a shard that was replaced since is another sample's now.
    const present = kept.filter(({ isSuperseded }) => !isSuperseded)
    const withheld = new Set(present.map(({ finding, receipt }) => `${receipt.shard.path}\n${finding.sample}`))
    const wanted = withheld.size + Math.max(MIN_DECOYS, withheld.size * (request.decoys ?? DEFAULT_DECOYS))
    if (wanted > samples / 2) {
      throw new RequestError(
        "input_invalid",
        `the dataset has too few samples (${samples}) to hide the withheld ones among decoys`,
        { hint: "Export a keyed manifest, or scan the dataset as a whole." },
      )
    }
    const chosen = new Set(withheld)
    const decoys = wanted - withheld.size
    const withheldIn = Map.groupBy(withheld, (place) => place.split("\n")[0])
    for (const receipt of receipts) {
      const taken = withheldIn.get(receipt.shard.path)?.length ?? 0
      const share = Math.ceil((decoys * receipt.samples) / samples)
      addDecoys(chosen, receipt, Math.min(share, receipt.samples - taken))
    }
    for (let draw = 0; chosen.size < wanted; draw++) chosen.add(sampleAt(pick("", draw, samples)))
    return [...chosen].map((place) => {
      const [shard = "", sample = ""] = place.split("\n")
      return { shard, sample: Number(sample) }
    })
  }

  /**
   * Keyed, and counted in each shard by itself: the same scan gives the same decoys, and almost the same ones after
   * shards were added or replaced. Otherwise comparing two manifests would reveal which lines are decoys.
   */
  function addDecoys(chosen: Set<string>, { shard, samples }: ShardReceipt, decoys: number): void {
    let left = decoys
    for (let draw = 0; left > 0; draw++) {
      const place = `${shard.path}\n${pick(shard.path, draw, samples)}`
      if (chosen.has(place)) continue
      chosen.add(place)
      left--
    }
  }

  function pick(shard: string, draw: number, samples: number): number {
    // 48 bits: far more than there are samples, and exact in a number.
    const digits = workspace.keyed.of("decoy", `${request.scan}\n${shard}\n${draw}`).slice(0, 12)
    return Number.parseInt(digits, 16) % samples
  }

  function sampleAt(position: number): string {
    let rest = position
    for (const { shard, samples } of receipts) {
      if (rest < samples) return `${shard.path}\n${rest}`
      rest -= samples
    }
    throw new RangeError("expected a position below the number of samples")
  }
}
