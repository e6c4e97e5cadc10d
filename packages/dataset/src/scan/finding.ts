/**
 * Makes a finding of a screening, and seals what may be kept of the item.
 * @module
 */
import type { Finding } from "@nightlight/contract"
import type { JsonValue } from "@nightlight/core"
import type { Screening } from "@nightlight/screening"
import type { ItemTask } from "./screen-shard.ts"

/**
 * Builds the index row of a find; its context, and its content where custody says so, is sealed before this returns.
 *
 * @throws {DependencyError} `disk_full` and others if it cannot be sealed: the shard is not done then.
 */
export async function buildFinding(task: ItemTask, screening: Screening, signal: AbortSignal): Promise<Finding> {
  const { context, shard, item } = task
  const { fingerprint, verdict, matches, weakMatches, inconclusive } = screening
  const id = context.keyed.of("finding", [context.root, shard.path, item.ordinal, fingerprint?.sha256 ?? ""].join("\n"))
  signal.throwIfAborted()
  const evidence = await seal(task, screening, id)
  return {
    id,
    scan: context.record.scan,
    shard: shard.id,
    ordinal: item.ordinal,
    sample: item.sample,
    depth: item.depth,
    decision: verdict.decision,
    rule: verdict.rule,
    policyDigest: verdict.policyDigest,
    ...(fingerprint === undefined ? {} : { itemDigest: context.keyed.of("item", fingerprint.sha256) }),
    sizeBytes: fingerprint?.sizeBytes ?? item.sizeBytes,
    mediaType: fingerprint?.mediaType ?? "application/octet-stream",
    kind: fingerprint?.kind ?? "unknown",
    ...(inconclusive === undefined ? {} : { cause: inconclusive }),
    matches: [...matches],
    weakMatches: [...weakMatches],
    ...(evidence === undefined ? {} : { evidence }),
    foundAt: context.clock.now().toISOString(),
  }
}

async function seal(task: ItemTask, screening: Screening, findingId: string): Promise<Finding["evidence"]> {
  const { context, reader, item } = task
  const { matches, fingerprint } = screening
  if (matches.length === 0 || fingerprint === undefined) return undefined
  // Test cards are always kept, so that every installation exercises the path; real finds as counsel chose.
  const isTestCard = matches.every((match) => match.trust === "test")
  const keepsContent = context.config.custody.mode === "seal" || isTestCard
  const row = await context.evidence.put({
    evidenceId: context.keyed.of("evidence", findingId),
    provenance: provenanceOf(task, screening, findingId),
    contentSha256: fingerprint.sha256,
    ...(keepsContent ? { content: await reader.readItem(item) } : {}),
  })
  return {
    id: row.evidenceId,
    ciphertextSha256: row.ciphertextSha256,
    sizeBytes: row.sizeBytes,
    content: row.custody === "sealed",
  }
}

/** Everything that a report will need to be actionable, for sealed eyes only. */
function provenanceOf({ context, shard, sample, item, provenance }: ItemTask, screening: Screening, findingId: string) {
  const { fingerprint } = screening
  return {
    finding: findingId,
    scan: context.record.scan,
    dataset: context.root,
    shard: shard.path,
    key: sample.key,
    place: item.place,
    ordinal: item.ordinal,
    sourceUrl: provenance.url,
    licence: provenance.licence,
    declared: provenance.declared as JsonValue | undefined,
    custody: { mode: context.config.custody.mode, basis: context.config.custody.basis },
    screenedAt: context.clock.now().toISOString(),
    digests: { md5: fingerprint?.md5, sha1: fingerprint?.sha1, sha256: fingerprint?.sha256 },
    pdq: fingerprint?.picture?.views.map(({ frame, background, crop, pdq, quality }) => ({
      frame,
      background,
      crop,
      pdq,
      quality,
    })),
    matches: screening.matches as unknown as JsonValue,
  } satisfies JsonValue
}
