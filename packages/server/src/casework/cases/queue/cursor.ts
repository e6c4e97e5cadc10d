/**
 * The start of a page of the queue, as opaque text.
 * @module
 */
import { RequestError, tryParseJson } from "@nightlight/core"
import { z } from "zod"
import type { QueueKey } from "./queue-store.ts"

const Key = z.tuple([z.int().min(0).max(100), z.iso.datetime(), z.string().max(80)])

/** Formats a position of the queue as a cursor. */
export function toCursor({ band, sortAt, caseId }: QueueKey): string {
  return Buffer.from(JSON.stringify([band, sortAt.toISOString(), caseId])).toString("base64url")
}

/**
 * Reads a cursor.
 *
 * @throws {RequestError} `input_invalid` if this server did not make it.
 */
export function parseCursor(cursor: string): QueueKey {
  const key = Key.safeParse(tryParseJson(Buffer.from(cursor, "base64url").toString()))
  if (!key.success) throw new RequestError("input_invalid", "the cursor does not come from a page of this list")
  const [band, sortAt, caseId] = key.data
  return { band, sortAt: new Date(sortAt), caseId }
}
