/**
 * Makes a finding from a screening, and seals what may be kept of the item.
 * @module
 */
import { createReadStream } from "node:fs"
import type { Finding } from "@nightlight/contract"
import { compact, DependencyError, hasCode, type JsonValue, type PictureView, UNREAD } from "@nightlight/core"
import { type MatchOptions, matchFingerprint, type Screening } from "@nightlight/screening"
import { digestItem, NO_BYTES_SHA256 } from "../readers/digest-item.ts"
import { partsOf } from "../readers/stream-source.ts"
import type { Item } from "../readers/types.ts"
import type { ItemTask } from "./item-task.ts"

/**
 * Builds the index row of a finding; its context, and its content where custody says so, is sealed before this returns.
 *
 * @throws {DependencyError} `disk_full` and others if it cannot be sealed: the shard is not done then.
 */
export async function buildFinding(task: ItemTask, screening: Screening, signal: AbortSignal): Promise<Finding> {
  const { context, shard, item } = task
  const { fingerprint, verdict, matches, weakMatches, inconclusive } = screening
  const place = shard.layout === "packed" ? [shard.path, item.ordinal] : placeOfLoose(task)
  const id = context.keyed.of("finding", [context.root, ...place, fingerprint?.sha256 ?? ""].join("\n"))
  signal.throwIfAborted()
  const evidence = await seal(task, screening, id, signal)
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
    ...compact({
      // A fingerprint without digests stands for bytes that could not be read.
      itemDigest:
        fingerprint === undefined || fingerprint.sha256 === ""
          ? undefined
          : context.keyed.of("item", fingerprint.sha256),
    }),
    sizeBytes: fingerprint?.sizeBytes ?? item.sizeBytes,
    mediaType: fingerprint?.mediaType ?? "application/octet-stream",
    kind: fingerprint?.kind ?? "unknown",
    ...compact({ cause: inconclusive }),
    matches: [...matches],
    weakMatches: [...weakMatches],
    ...compact({ evidence }),
    foundAt: context.clock.now().toISOString(),
  }
}

/**
 * A separate file is the same one in whichever shard it is gathered: its own path, and how far behind it a member of it
 * stands.
 */
function placeOfLoose({ sample, item }: ItemTask): readonly [string, number] {
  const file = sample.items.findLast(({ depth, ordinal }) => depth === 0 && ordinal <= item.ordinal) ?? item
  return [file.place, item.ordinal - file.ordinal]
}

async function seal(
  task: ItemTask,
  screening: Screening,
  findingId: string,
  signal: AbortSignal,
): Promise<Finding["evidence"]> {
  const { context, item } = task
  const { matches, fingerprint } = screening
  if (matches.length === 0 || fingerprint === undefined) return undefined
  // Test cards are always kept, so that every installation exercises this path; real items as counsel chose.
  const isTestCard = matches.every((match) => match.trust === "test")
  const keepsContent = context.config.custody.mode === "seal" || isTestCard
  const contentSha256 = item.unread === true ? NO_BYTES_SHA256 : fingerprint.sha256 || (await digestItem(item, signal))
  // An item without a digest may be another one next time, under the same finding.
  const subject = fingerprint.sha256 === "" ? `${findingId}\n${contentSha256}` : findingId
  const row = await context.evidence
    .put(
      compact({
        evidenceId: context.keyed.of("evidence", subject),
        provenance: provenanceOf(task, screening, findingId),
        contentSha256,
        content: keepsContent && item.unread !== true ? contentOf(item) : undefined,
      }),
    )
    .catch(async (error: unknown) => {
      const isOther = hasCode(error, "evidence_digest_mismatch") && item.unread !== true
      if (!isOther || (await digestItem(item, signal)) === contentSha256) throw error
      throw new DependencyError("source_changed", "an item changed between its screening and its sealing")
    })
  return {
    id: row.evidenceId,
    ciphertextSha256: row.ciphertextSha256,
    sizeBytes: row.sizeBytes,
    content: row.custody === "sealed",
  }
}

/** An item's bytes, piece by piece where they are not in memory. */
function contentOf({ source }: Item): Uint8Array | AsyncIterable<Uint8Array> {
  if (source.kind === "bytes") return source.bytes
  if (source.kind === "stream") return partsOf(source)
  if (source.kind === "file") return createReadStream(source.path)
  if (source.length === 0) return new Uint8Array()
  return createReadStream(source.path, { start: source.offset, end: source.offset + source.length - 1 })
}

/** Most listed addresses, and most listed digests, that are sealed of what a sample states. */
const MAX_LISTED = 100

/** The addresses and digests that a sample states and a list has: the server matches them again. */
function listedOrigins({ context, declared }: ItemTask, { matches }: Screening) {
  if (!matches.some((match) => match.declared === true)) return {}
  const isListed = (options: MatchOptions) => matchFingerprint(UNREAD, context.ports.index, options).matches.length > 0
  return {
    otherUrls: firstOf(declared.urls, (url) => isListed({ urls: [url] })),
    otherDigests: firstOf(declared.digests, (digest) => isListed({ declaredDigests: [digest] })),
  }
}

/** The first values that are listed, {@link MAX_LISTED} at most. */
function firstOf<T>(values: readonly T[], isListed: (value: T) => boolean): readonly T[] {
  const listed: T[] = []
  for (const value of values) {
    if (listed.length === MAX_LISTED) break
    if (isListed(value)) listed.push(value)
  }
  return listed
}

/** Everything that makes a report actionable; it is sealed. */
function provenanceOf(task: ItemTask, screening: Screening, findingId: string) {
  const { context, shard, sample, item, provenance } = task
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
    ...(listedOrigins(task, screening) as Record<string, JsonValue>),
    custody: { mode: context.config.custody.mode, basis: context.config.custody.basis },
    screenedAt: context.clock.now().toISOString(),
    digests: { md5: fingerprint?.md5, sha1: fingerprint?.sha1, sha256: fingerprint?.sha256 },
    pdq: fingerprint?.picture?.views.map((view) => viewOf(view, screening)),
    matches: screening.matches as unknown as JsonValue,
  } satisfies JsonValue
}

/**
 * A view's hash; all eight hashes where a rotated or mirrored one matched, so that it can be matched again once opened.
 */
function viewOf({ frame, background, crop, pdq, quality, dihedral }: PictureView, { matches }: Screening) {
  const isTurned = matches.some(
    ({ transformation: found }) =>
      found !== undefined &&
      found.orientation !== "upright" &&
      found.frame === frame &&
      found.background === background &&
      found.crop === crop,
  )
  return compact({
    frame,
    background,
    crop,
    pdq,
    quality,
    dihedral: isTurned ? [...dihedral] : undefined,
  })
}
