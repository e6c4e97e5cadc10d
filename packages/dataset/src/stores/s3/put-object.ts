/**
 * Puts a finished object in its place, under a condition, and checks that the store holds what was sent.
 * @module
 */
import { createHash } from "node:crypto"
import { DependencyError } from "@nightlight/core"
import type { ConditionalWrites } from "../../output/output.ts"
import { type Bucket, calling } from "./client.ts"
import { answerOf, isAbsent, isConditionFailed, isNotImplemented } from "./errors.ts"
import { headObject, type ObjectHead } from "./head.ts"
import { rangesOf } from "./read.ts"
import type { PlacedObject, PutCondition, S3Upload, SentObject } from "./upload.ts"

/** How {@link putObject} treats what is in an object's place. */
export interface PlaceRules {
  readonly conditionalWrites: ConditionalWrites
  /**
   * Decides about what is in the place before the object is put: the condition under which it may be put.
   *
   * @throws if it must not be put.
   */
  conditionFor(existing: ObjectHead | undefined): PutCondition
}

/** How often something else is found in the place before this gives up. */
const ATTEMPTS = 3
const CHUNK_BYTES = 8 * 2 ** 20

/**
 * Puts an object in its place. What is there already with the same bytes counts as put: an answer may have been lost, or
 * another worker was quicker.
 *
 * @throws as {@link PlaceRules.conditionFor}; {DependencyError} `write_failed` if the store holds other bytes than were
 * sent, `unavailable`.
 */
export async function putObject(bucket: Bucket, upload: S3Upload, rules: PlaceRules): Promise<PlacedObject> {
  const { key, sent } = upload
  const isSure = rules.conditionalWrites === "enforced" && !upload.isMultipart
  let isRefused = rules.conditionalWrites === "refused"
  let existing = isSure ? undefined : await headObject(bucket, key)
  for (let attempt = 1; ; attempt++) {
    if (existing !== undefined && existing.etag === sent.etag && existing.sizeBytes === sent.sizeBytes) break
    const condition = rules.conditionFor(existing)
    try {
      const put = () => upload.put(isRefused ? {} : condition)
      const placed = await calling(bucket, "write", put, isAboutPlace)
      if (isSure && placed.etag === sent.etag) return placed
      break
    } catch (error) {
      if (!isAboutPlace(error)) throw error
      if (attempt === ATTEMPTS) throw notPut()
      if (isNotImplemented(error)) isRefused = true
      const before = existing?.etag
      // A call that is tried again may meet its own success, by then in the place.
      existing = await headObject(bucket, key)
      // Some stores refuse `If-Match` of an upload whatever is in the place.
      if (answerOf(error).status === 412 && before !== undefined && existing?.etag === before) isRefused = true
    }
  }
  return checkPlaced(bucket, key, sent)
}

/** Whether a put failed because of what is in the place, or of the condition itself. */
function isAboutPlace(error: unknown): boolean {
  return isConditionFailed(error) || isAbsent(error) || isNotImplemented(error)
}

/** Asks the store what it holds now, and reads it back where its ETag is not made of MD5. */
async function checkPlaced(bucket: Bucket, key: string, sent: SentObject): Promise<PlacedObject> {
  const head = await headObject(bucket, key)
  if (head?.sizeBytes !== sent.sizeBytes) throw notPut()
  if (head.etag !== sent.etag && (await digestObject(bucket, key, head)) !== sent.sha256) throw notPut()
  return { etag: head.etag, versionId: head.versionId }
}

async function digestObject(bucket: Bucket, key: string, { etag, sizeBytes }: ObjectHead): Promise<string> {
  const fetchRange = rangesOf(bucket, { key, etag, sizeBytes })
  const hash = createHash("sha256")
  const { signal } = new AbortController()
  for (let offset = 0; offset < sizeBytes; offset += CHUNK_BYTES) {
    hash.update(await fetchRange(offset, Math.min(CHUNK_BYTES, sizeBytes - offset), signal))
  }
  return hash.digest("hex")
}

function notPut(): DependencyError {
  return new DependencyError("write_failed", "the object store does not hold what was sent to it", {
    hint: "Another program may write to the same place. Run the same command again.",
  })
}
