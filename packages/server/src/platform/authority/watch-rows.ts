import { createHash } from "node:crypto"
import type { Kysely } from "kysely"
import type { Logger } from "pino"
import type { Tables } from "../db/tables.ts"
import type { AlarmPort } from "../events/alarm-port.ts"
import type { UntrustedRow } from "./authority.ts"
import { authorityOf } from "./of-database.ts"

const ID = /^[A-Za-z0-9._-]{1,50}$/

/**
 * Raises an alarm for each untrusted row, outside of the transaction that read it: that one is rolled back, and the
 * alarm stays.
 */
export function watchRows(
  { db, log }: { readonly db: Kysely<Tables>; readonly log?: Pick<Logger, "error"> },
  alarms: AlarmPort,
): void {
  authorityOf(db).watch((row) => {
    const subject = subjectOfRow(row)
    alarms.raiseNow({ code: "row-untrusted", subject, data: { table: row.table } }).catch(() => {
      log?.error({ code: "row_untrusted", subject }, "alarm not raised")
    })
  })
}

/**
 * Subject of an alarm about a row. Whoever wrote the row chose its id: one that the log would refuse is replaced by its
 * digest.
 */
export function subjectOfRow({ table, id }: Pick<UntrustedRow, "table" | "id">): string {
  const name = ID.test(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, 16)
  return `${table}:${name}`
}
