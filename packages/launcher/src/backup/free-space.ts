import { stat, statfs } from "node:fs/promises"
import { join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { toReadError } from "@nightlight/durable"
import { namesBelow } from "./names-below.ts"

/** Bytes that must stay free for everything else. */
const RESERVE_BYTES = 64 * 1024 * 1024

/** Bytes of all plain files below a folder. */
export async function bytesBelow(dir: string): Promise<number> {
  let bytes = 0
  for (const name of await namesBelow(dir)) {
    bytes += await stat(join(dir, name)).then(
      ({ size }) => size,
      () => 0,
    )
  }
  return bytes
}

/**
 * Checks that a folder's file system has room, before anything is written.
 *
 * @throws {DependencyError} `disk_full`, with `details.neededBytes` and `details.freeBytes`; `source_unreadable`.
 */
export async function assertFreeSpace(dir: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir).catch((error: unknown) => {
    throw toReadError(error, "the file system's free space")
  })
  const freeBytes = bavail * bsize
  if (freeBytes >= neededBytes + RESERVE_BYTES) return
  throw new DependencyError("disk_full", "there is too little free space", {
    details: { neededBytes: neededBytes + RESERVE_BYTES, freeBytes },
    hint: "Free some space, or name a folder on another disk. Nothing was written.",
  })
}
