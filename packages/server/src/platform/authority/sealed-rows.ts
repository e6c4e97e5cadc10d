/**
 * The only code that reads and writes rows of the {@link SEALED_TABLES}: rows are checked when read and sealed when
 * written, and nothing is sealed that was not checked before.
 * @module
 */
import { hasCode, type JsonValue } from "@nightlight/core"
import type { Insertable, Kysely, Selectable, SelectQueryBuilder, Updateable } from "kysely"
import type { Tables } from "../db/tables.ts"
import { inTransaction } from "../db/transaction.ts"
import { authorityOf } from "./of-database.ts"
import { SEALED_TABLES, type SealedTable, type Sealing } from "./sealed-tables.ts"

/** A row of a sealed table as it is read, including its MAC. */
export type SealedRow<T extends SealedTable> = Selectable<Tables[T]>

type Select<T extends SealedTable> = SelectQueryBuilder<Tables, T, SealedRow<T>>

/** Narrows, orders, limits or locks what is read. */
export type Narrow<T extends SealedTable> = (select: Select<T>) => Select<T>

type AnyRow = Record<string, unknown>

/** The database with tables of any columns: generic code does not need their types. */
function untyped(db: Kysely<Tables>, table: SealedTable) {
  return { db: db as unknown as Kysely<{ readonly row: AnyRow }>, table: table as unknown as "row" }
}

/**
 * Reads rows.
 *
 * @throws {IntegrityError} `row_untrusted` if the MAC of one is wrong.
 */
export async function readSealed<T extends SealedTable>(
  db: Kysely<Tables>,
  table: T,
  narrow: Narrow<T>,
): Promise<SealedRow<T>[]> {
  const rows = await select(db, table, narrow)
  for (const row of rows) checkRow(db, table, row)
  return rows
}

/** Reads the first of the rows, as {@link readSealed} does. */
export async function readOneSealed<T extends SealedTable>(
  db: Kysely<Tables>,
  table: T,
  narrow: Narrow<T>,
): Promise<SealedRow<T> | undefined> {
  const [row] = await readSealed(db, table, narrow)
  return row
}

/** Reads rows for display: untrusted ones are left out, and reported. */
export async function readSealedGood<T extends SealedTable>(
  db: Kysely<Tables>,
  table: T,
  narrow: Narrow<T>,
): Promise<SealedRow<T>[]> {
  const rows = await select(db, table, narrow)
  return rows.filter((row) => isTrusted(() => checkRow(db, table, row)))
}

/** Inserts rows with their MACs in one statement: if one of them exists already, none is inserted. */
export async function insertSealed<T extends SealedTable>(
  db: Kysely<Tables>,
  table: T,
  ...rows: readonly Omit<Insertable<Tables[T]>, "mac">[]
): Promise<void> {
  const sealed = rows.map((row) => sealRow(db, table, row))
  const any = untyped(db, table)
  await any.db.insertInto(any.table).values(sealed).execute()
}

/** Inserts those rows that do not exist yet. Returns how many. */
export async function insertSealedOnce<T extends SealedTable>(
  db: Kysely<Tables>,
  table: T,
  ...rows: readonly Omit<Insertable<Tables[T]>, "mac">[]
): Promise<number> {
  if (rows.length === 0) return 0
  const sealed = rows.map((row) => sealRow(db, table, row))
  const any = untyped(db, table)
  const { numInsertedOrUpdatedRows = 0n } = await any.db
    .insertInto(any.table)
    .values(sealed)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return Number(numInsertedOrUpdatedRows)
}

/**
 * Changes rows, each after its MAC was checked and while it is locked.
 *
 * @param narrow - Selects the rows; rows that another transaction changes meanwhile are selected again once it has
 *   ended.
 * @param change - Returns the new row.
 * @param leaveUntrusted - Untrusted rows stay as they are, which is right where they have no effect anyway;
 *   without it, they abort the whole change.
 * @returns The rows as they are now.
 * @throws {IntegrityError} `row_untrusted`; then nothing is changed.
 */
export async function updateSealed<T extends SealedTable>(
  db: Kysely<Tables>,
  table: T,
  narrow: Narrow<T>,
  change: Updateable<Tables[T]> | ((row: SealedRow<T>) => Updateable<Tables[T]>),
  { leaveUntrusted = false }: { readonly leaveUntrusted?: boolean } = {},
): Promise<SealedRow<T>[]> {
  const work = async (trx: Kysely<Tables>): Promise<SealedRow<T>[]> => {
    const read = leaveUntrusted ? readSealedGood : readSealed
    const rows = await read(trx, table, (all) => narrow(all).forUpdate() as unknown as Select<T>)
    const changed: SealedRow<T>[] = []
    for (const row of rows) {
      const patch = (typeof change === "function" ? change(row) : change) as AnyRow
      const next = sealRow(trx, table, { ...row, ...patch })
      const any = untyped(trx, table)
      let update = any.db.updateTable(any.table).set({ ...patch, mac: next["mac"] })
      for (const column of sealingOf(table).id) update = update.where(column, "=", (row as AnyRow)[column])
      const stored = await update.returningAll().executeTakeFirstOrThrow()
      changed.push(stored as SealedRow<T>)
    }
    return changed
  }
  return db.isTransaction ? work(db) : inTransaction(db, work)
}

/** The content that a row's MAC covers: its sealed columns that are not null. */
export function sealedContent(table: SealedTable, row: AnyRow): JsonValue {
  const { open = [], json = [] } = sealingOf(table)
  const left = new Set([...open, "mac"])
  const columns = Object.entries(row).filter(
    ([column, value]) => !left.has(column) && value !== null && value !== undefined,
  )
  return Object.fromEntries(columns.map(([column, value]) => [column, toJson(value, json.includes(column))]))
}

/** A row's identity: its id, or its identifying columns as JSON. */
export function sealedId(table: SealedTable, row: AnyRow): string {
  const values = sealingOf(table).id.map((column) => toJson(row[column], false))
  const [only] = values
  return values.length === 1 && typeof only === "string" ? only : JSON.stringify(values)
}

/** Returns the row with its MAC over id and content. */
export function sealRow<Row extends object>(db: Kysely<Tables>, table: SealedTable, row: Row): Row & { mac: string } {
  const content = sealedContent(table, row as AnyRow)
  return { ...row, mac: authorityOf(db).seal(table, sealedId(table, row as AnyRow), content) }
}

/** Checks a row's MAC. @throws {IntegrityError} `row_untrusted`. */
export function checkRow(db: Kysely<Tables>, table: SealedTable, row: object): void {
  const { mac } = row as { readonly mac?: string }
  authorityOf(db).check(table, sealedId(table, row as AnyRow), sealedContent(table, row as AnyRow), mac)
}

/** Whether a check of a MAC, such as {@link checkRow}, passes. */
export function isTrusted(check: () => void): boolean {
  try {
    check()
    return true
  } catch (error) {
    if (hasCode(error, "row_untrusted")) return false
    throw error
  }
}

/** The result, or `undefined` if a row that was needed is untrusted, as if it did not exist. */
export async function absentIfUntrusted<Result>(reading: Promise<Result>): Promise<Result | undefined> {
  return reading.catch((error: unknown) => {
    if (hasCode(error, "row_untrusted")) return undefined
    throw error
  })
}

function select<T extends SealedTable>(db: Kysely<Tables>, table: T, narrow: Narrow<T>): Promise<SealedRow<T>[]> {
  const any = untyped(db, table)
  return narrow(any.db.selectFrom(any.table).selectAll() as unknown as Select<T>).execute()
}

function sealingOf(table: SealedTable): Sealing {
  return SEALED_TABLES[table]
}

function toJson(value: unknown, isJson: boolean): JsonValue {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64")
  if (isJson && typeof value === "string") return JSON.parse(value) as JsonValue
  return value as JsonValue
}
