/**
 * Translates the database's errors to Nightlight's. Its own messages quote statements and values, so none is passed on:
 * only the SQLSTATE and names of tables and constraints, which are ours.
 * @module
 */
import { compact, DependencyError, NightlightError, RequestError } from "@nightlight/core"

/** SQLSTATE of a serialisation failure and of a deadlock: the same transaction may pass when repeated. */
const REPEATABLE: readonly unknown[] = ["40001", "40P01"]

const CONNECTION_ERRNOS: readonly string[] = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EACCES",
]

/** The system's message about a write for which the database has no code: a quota, a file that is part of its core. */
const SAYS_FULL = /No space left on device|Disk quota exceeded/

/** Messages of the driver itself, which has no codes for them. */
const DRIVER_SAYS_LOST =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after calling end)/

/**
 * Converts the driver's error to the error to throw. An error of ours is returned unchanged. The original is not kept
 * as `cause`: it holds values.
 *
 * @returns `details.sqlState` holds the code that the database gave, `details.constraint` and `details.table` the names
 *   it gave. - {@link RequestError} `state_conflict`: unique, foreign key, exclusion or restrict violation, or a
 *   trigger's refusal. - {@link RequestError} `input_invalid`: a value that does not fit the column. -
 *   {@link DependencyError} `unavailable`: no connection, or the transaction must be repeated. -
 *   {@link DependencyError} `timed_out`: the statement took too long or was cancelled. - {@link DependencyError}
 *   `disk_full`. - {@link DependencyError} `answer_malformed`: anything else, such as a wrong statement.
 */
export function toDatabaseError(error: unknown): NightlightError {
  if (error instanceof NightlightError) return error
  const { code, constraint, table, message } = fieldsOf(error)
  if (!/^[0-9A-Z]{5}$/.test(code) || CONNECTION_ERRNOS.includes(code)) return connectionError(code, message)
  const details = compact({
    sqlState: code,
    constraint: constraint !== "" ? constraint : undefined,
    table: table !== "" ? table : undefined,
  })
  const options = { details }
  if (["23505", "23503", "23P01", "23001", "P0001"].includes(code)) {
    return new RequestError("state_conflict", `this conflicts with what is stored (${code})`, options)
  }
  if (code.startsWith("22") || code.startsWith("23")) {
    return new RequestError("input_invalid", `the database refused a value (${code})`, options)
  }
  if (code === "57014") return new DependencyError("timed_out", "the database cancelled a statement", options)
  if (code === "53100" || SAYS_FULL.test(message))
    return new DependencyError("disk_full", "the database has no space left", options)
  if (REPEATABLE.includes(code) || code === "55P03") {
    return new DependencyError("unavailable", `the database asks to try again (${code})`, options)
  }
  if (["08", "53", "57", "58", "28", "3D"].includes(code.slice(0, 2))) {
    return new DependencyError("unavailable", `the database is not available (${code})`, options)
  }
  return new DependencyError("answer_malformed", `the database refused a statement (${code})`, options)
}

/** Whether a transaction that failed with this error may succeed when it is repeated from the start. */
export function isRepeatable(error: unknown): boolean {
  const sqlState = error instanceof NightlightError ? error.details["sqlState"] : fieldsOf(error).code
  return REPEATABLE.includes(sqlState)
}

function connectionError(code: string, message: string): NightlightError {
  if (CONNECTION_ERRNOS.includes(code) || DRIVER_SAYS_LOST.test(message)) {
    const details = compact({ errno: code === "" ? undefined : code })
    return new DependencyError("unavailable", "the database cannot be reached", { details })
  }
  return new DependencyError("answer_malformed", "the database driver failed")
}

interface ErrorFields {
  readonly code: string
  readonly constraint: string
  readonly table: string
  readonly message: string
}

function fieldsOf(error: unknown): ErrorFields {
  const fields = (error instanceof Error ? error : {}) as Readonly<Record<string, unknown>>
  const text = (name: string) => {
    const value = fields[name]
    return typeof value === "string" ? value : ""
  }
  return { code: text("code"), constraint: text("constraint"), table: text("table"), message: text("message") }
}
