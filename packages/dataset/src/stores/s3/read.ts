/**
 * Reads an object by ranges, all of one version.
 * @module
 */

import { setTimeout as wait } from "node:timers/promises"
import { GetObjectCommand, type GetObjectCommandOutput } from "@aws-sdk/client-s3"
import { DependencyError } from "@nightlight/core"
import { sourceChanged } from "../../readers/source-changed.ts"
import type { FetchRange } from "../block-source.ts"
import { type Bucket, calling } from "./client.ts"
import { answerOf, isAbsent, isConditionFailed, isDenied } from "./errors.ts"
import { plainEtag } from "./list.ts"

/** The object that is read. */
export interface PinnedObject {
  readonly key: string
  readonly sizeBytes: number
  /** Without quotes. */
  readonly etag: string
}

/** How often a range is fetched whose body ends too early. */
const ATTEMPTS = 4
const FIRST_WAIT_MS = 200

/**
 * Fetches ranges of an object, bound to its ETag and, from the first answer on, to its version.
 *
 * @returns a function that throws {DependencyError} `source_changed` if the object is another one, or gone;
 * `source_unreadable` if it may not be read; `unavailable` if it does not arrive whole.
 */
export function rangesOf(bucket: Bucket, { key, sizeBytes, etag }: PinnedObject): FetchRange {
  let version: string | undefined
  const getOnce = async (offset: number, length: number, signal: AbortSignal): Promise<Uint8Array | undefined> => {
    const input = {
      Bucket: bucket.name,
      Key: key,
      Range: `bytes=${offset}-${offset + length - 1}`,
      IfMatch: `"${etag}"`,
    }
    const answer = await calling(
      bucket,
      "read",
      () => bucket.client.send(new GetObjectCommand(input), { abortSignal: signal }),
      (error) => isConditionFailed(error) || isAbsent(error) || isDenied(error) || answerOf(error).status === 416,
    ).catch((error: unknown) => {
      if (isDenied(error)) throw new DependencyError("source_unreadable", "an object of the dataset may not be read")
      throw answerOf(error).status === 0 ? error : sourceChanged()
    })
    version ??= answer.VersionId
    // A store may ignore the condition.
    if (plainEtag(answer.ETag ?? "") !== etag || answer.VersionId !== version) {
      discard(answer)
      throw sourceChanged()
    }
    if (!isRange(answer, { offset, length, sizeBytes })) {
      discard(answer)
      throw new DependencyError("answer_malformed", "the object store sent another range than it was asked for")
    }
    return bodyOf(answer, length, signal)
  }
  return async (offset, length, signal) => {
    for (let attempt = 1; ; attempt++) {
      const bytes = await getOnce(offset, length, signal)
      if (bytes !== undefined) return bytes
      if (attempt === ATTEMPTS) {
        throw new DependencyError("unavailable", "an object did not arrive whole, and did not until the last try", {
          hint: "Check the network; then run the same command again: it continues where it was.",
        })
      }
      await wait(FIRST_WAIT_MS * 2 ** attempt * Math.random(), undefined, { signal })
    }
  }
}

interface WantedRange {
  readonly offset: number
  readonly length: number
  readonly sizeBytes: number
}

function isRange({ ContentRange, ContentLength }: GetObjectCommandOutput, range: WantedRange): boolean {
  const { offset, length, sizeBytes } = range
  if (ContentRange === undefined) return offset === 0 && length === sizeBytes && ContentLength === sizeBytes
  return ContentRange === `bytes ${offset}-${offset + length - 1}/${sizeBytes}`
}

/** Reads a body that must have this length; undefined if it ends too early or its connection does. */
async function bodyOf(
  { Body }: GetObjectCommandOutput,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const bytes = Buffer.allocUnsafe(length)
  let done = 0
  try {
    for await (const chunk of Body as AsyncIterable<Uint8Array>) {
      if (done + chunk.length > length) return undefined
      bytes.set(chunk, done)
      done += chunk.length
    }
  } catch {
    signal.throwIfAborted()
    return undefined
  }
  return done === length ? bytes : undefined
}

/** Closes the connection of an answer that nobody reads. */
function discard({ Body }: GetObjectCommandOutput): void {
  const stream = Body as { destroy?(): void } | undefined
  stream?.destroy?.()
}
