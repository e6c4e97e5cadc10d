/**
 * Finds out what a store does with conditional writes.
 * @module
 */

import { randomBytes } from "node:crypto"
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3"
import { compact } from "@nightlight/core"
import type { ConditionalWrites } from "../../output/output.ts"
import { type Bucket, calling } from "./client.ts"
import { isConditionFailed, isNotImplemented } from "./errors.ts"

/** Begins the names of empty objects that are put, and removed at once, to try what the store does. */
export const PROBE_NAME = ".nightlight-probe-"

/**
 * Puts an empty object twice, under the condition that there is none, and removes it.
 *
 * @param prefix - Of the output, with its slash; empty for the whole bucket.
 * @throws {RequestError} `unauthenticated`, `forbidden`, `not_found`; {DependencyError} `unavailable`.
 */
export async function probeConditionalWrites(bucket: Bucket, prefix: string): Promise<ConditionalWrites> {
  const place = { Bucket: bucket.name, Key: `${prefix}${PROBE_NAME}${randomBytes(8).toString("hex")}` }
  const versions: (string | undefined)[] = []
  const put = async () => {
    const command = new PutObjectCommand({ ...place, Body: Buffer.alloc(0), IfNoneMatch: "*" })
    const isExpected = (error: unknown) => isConditionFailed(error) || isNotImplemented(error)
    versions.push((await calling(bucket, "write", () => bucket.client.send(command), isExpected)).VersionId)
  }
  try {
    await put()
    await put()
    return "ignored"
  } catch (error) {
    if (isNotImplemented(error)) return "refused"
    if (isConditionFailed(error)) return "enforced"
    throw error
  } finally {
    // What cannot be removed is empty, and stays.
    for (const VersionId of versions) {
      await bucket.client.send(new DeleteObjectCommand(compact({ ...place, VersionId }))).catch(() => undefined)
    }
  }
}
