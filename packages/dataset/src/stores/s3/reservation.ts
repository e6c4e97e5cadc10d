/**
 * A reservation of a prefix of a bucket, for the tasks of one plan; the same as `output/reservation.ts` is for a folder.
 * @module
 */
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3"
import { compact } from "@nightlight/core"
import { RESERVATION_NAME, reservedForAnother } from "../../output/reservation.ts"
import { type Bucket, calling } from "./client.ts"
import { isAbsent, isConditionFailed, isNotImplemented } from "./errors.ts"

interface Reservation {
  readonly owner: string
  /** Present where the bucket keeps versions. */
  readonly versionId: string | undefined
  readonly modifiedMs: number
}

/**
 * Reserves a prefix until it is released; repeating it is safe. Of two that come at once, the store lets one through. A
 * store that refuses or ignores conditions lets both through, and the later one keeps the reservation: who came first
 * sees it at its next look.
 *
 * @param folder - The output's prefix with its slash; empty for the whole bucket.
 * @throws {DependencyError} `locked` if it is reserved for another scan; `write_failed`, `unavailable`.
 */
export async function reservePrefix(bucket: Bucket, folder: string, owner: string): Promise<void> {
  if ((await readReservation(bucket, folder)) === undefined) await putReservation(bucket, folder, owner)
  if (!(await isPrefixReservedFor(bucket, folder, owner))) throw reservedForAnother()
}

/** Whether a prefix is reserved for this owner. @throws {DependencyError} `unavailable`. */
export async function isPrefixReservedFor(bucket: Bucket, folder: string, owner: string): Promise<boolean> {
  return (await readReservation(bucket, folder))?.owner === owner
}

/** Ends a reservation of this owner, if there is one. @throws {DependencyError} `write_failed`, `unavailable`. */
export async function releasePrefix(bucket: Bucket, folder: string, owner: string): Promise<void> {
  const own = await readReservation(bucket, folder)
  if (own?.owner !== owner) return
  let present: Reservation | undefined = own
  // Where versions are kept, an earlier one shows again: of a plan that came first in a store without conditions.
  while (present !== undefined && present.modifiedMs <= own.modifiedMs) {
    const command = new DeleteObjectCommand(compact({ ...placeOf(bucket, folder), VersionId: present.versionId }))
    await calling(bucket, "delete", () => bucket.client.send(command))
    present = await readReservation(bucket, folder)
  }
}

/** Whether a key is that of a reservation, which is no part of the copy. */
export function isReservation(key: string): boolean {
  return key.slice(key.lastIndexOf("/") + 1) === RESERVATION_NAME
}

function placeOf(bucket: Bucket, folder: string): { readonly Bucket: string; readonly Key: string } {
  return { Bucket: bucket.name, Key: `${folder}${RESERVATION_NAME}` }
}

async function putReservation(bucket: Bucket, folder: string, owner: string): Promise<void> {
  const object = { ...placeOf(bucket, folder), Body: Buffer.from(`${owner}\n`) }
  const put = (condition: { readonly IfNoneMatch?: "*" }) =>
    bucket.client.send(new PutObjectCommand({ ...object, ...condition }))
  const isExpected = (error: unknown) => isConditionFailed(error) || isNotImplemented(error)
  try {
    await calling(bucket, "write", () => put({ IfNoneMatch: "*" }), isExpected)
  } catch (error) {
    // Another was quicker, or a call that was tried again met its own success: who owns it is read next.
    if (isConditionFailed(error)) return
    if (!isNotImplemented(error)) throw error
    await calling(bucket, "write", () => put({}))
  }
}

/** Longest that is one of ours. */
const MOST_BYTES = 1024

async function readReservation(bucket: Bucket, folder: string): Promise<Reservation | undefined> {
  const command = new GetObjectCommand(placeOf(bucket, folder))
  try {
    const answer = await calling(bucket, "read", () => bucket.client.send(command), isAbsent)
    const text = (answer.ContentLength ?? 0) > MOST_BYTES ? undefined : await answer.Body?.transformToString()
    const modifiedMs = answer.LastModified?.getTime() ?? 0
    return { owner: text?.trim() ?? "", versionId: answer.VersionId, modifiedMs }
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}
