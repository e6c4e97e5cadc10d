/**
 * Pages of reports: a cursor is the position of the last one shown.
 * @module
 */
import type { ReportList } from "@nightlight/contract/server"
import { compact, RequestError } from "@nightlight/core"
import type { z } from "zod"
import type { ReportHead, ReportQuery } from "../store.ts"
import { toSummary } from "../view.ts"

/** Reads a cursor. @throws {RequestError} `input_invalid` if this server did not make it. */
export function afterOf(cursor: string | undefined): Pick<ReportQuery, "after"> {
  if (cursor === undefined) return {}
  const [time = "", id = ""] = Buffer.from(cursor, "base64url").toString().split(" ")
  const createdAt = new Date(time)
  if (Number.isNaN(createdAt.getTime()) || id === "") {
    throw new RequestError("input_invalid", "the cursor does not come from a page of this list")
  }
  return { after: { createdAt, id } }
}

/** Makes a page from up to `limit` + 1 reports; one more than `limit` means that there is a next page. */
export function toList(found: readonly ReportHead[], limit: number): z.input<typeof ReportList> {
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return compact({
    reports: shown.map(toSummary),
    next:
      found.length > limit && last !== undefined
        ? Buffer.from(`${last.createdAt.toISOString()} ${last.id}`).toString("base64url")
        : undefined,
  })
}
