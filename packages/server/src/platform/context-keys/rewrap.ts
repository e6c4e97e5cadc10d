/**
 * Encrypts everything under an older context key again under the newest one, in batches, while the server runs; then
 * drops the older keys.
 * @module
 */
import { readFile } from "node:fs/promises"
import { setTimeout as wait } from "node:timers/promises"
import { type Clock, hasCode } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import type { Kysely } from "kysely"
import { authorityKeyOf } from "../authority/authority.ts"
import { authorityOf } from "../authority/of-database.ts"
import { type Narrow, updateSealed } from "../authority/sealed-rows.ts"
import { SEALED_TABLES, type SealedTable } from "../authority/sealed-tables.ts"
import type { Tables } from "../db/tables.ts"
import { inTransaction } from "../db/transaction.ts"
import { transact } from "../events/transact.ts"
import type { SecretSealer } from "../secrets/secret-sealer.ts"
import type { ContextKeys } from "./context-keys.ts"
import { contextKeyId, readContextKeys, writeContextKeys } from "./key-file.ts"
import { RING_STALE_MS } from "./key-ring.ts"
import { withContextKeyRotation } from "./rotate.ts"

/** Dependencies of {@link rewrapContextKey}. */
export interface ContextRewrapDeps {
  /** Path of the file of context keys. */
  readonly path: string
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly sealer: SecretSealer
  /** How long processes may use keys that they read before, milliseconds; two seconds by default. */
  readonly settleMs?: number
  /** Called with the number of tables that were read, each of them twice. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Result of a rewrap. */
export interface ContextRewrap {
  /** Number of rewritten rows, by kind. */
  readonly rewrapped: Readonly<Record<string, number>>
  /** Rows that no key of this installation opens, or that are untrusted: they stay as they are. */
  readonly unopened: number
  /** Ids of the keys that were dropped from the file and moved to the archive beside it. */
  readonly dropped: readonly string[]
}

const BATCH = 200
const ACTOR = "system-host"

/** Archive of dropped keys, for databases restored from before. */
export function contextKeyArchive(path: string): string {
  return `${path}.archive`
}

/**
 * Rewraps everything. May be killed at any point and called again.
 *
 * @throws {DependencyError} `locked`; `disk_full`, `write_failed`.
 * @throws {IntegrityError} `key_unusable`.
 */
export async function rewrapContextKey(deps: ContextRewrapDeps): Promise<ContextRewrap> {
  const { path } = deps
  return withContextKeyRotation(path, async () => {
    const { keys } = readContextKeys(path)
    if (keys.length === 1) return { rewrapped: {}, unopened: 0, dropped: [] }
    // A process that read the file just before it changed still writes under the older key.
    await wait(deps.settleMs ?? 2 * RING_STALE_MS)
    const rewrapped: Record<string, number> = {}
    const passes = passesOf(deps)
    let unopened = 0
    let done = 0
    // The second pass finds what was written during the first.
    for (const _ of ["all", "rest"]) {
      unopened = 0
      for (const [name, pass] of passes) {
        deps.onProgress?.(done++, 2 * passes.length)
        const result = await pass()
        rewrapped[name] = (rewrapped[name] ?? 0) + result.rewrapped
        unopened += result.unopened
      }
    }
    return { rewrapped, unopened, dropped: await dropOlder(deps, rewrapped, unopened) }
  })
}

interface Pass {
  readonly rewrapped: number
  readonly unopened: number
}

/** Everything in the database under the context key, except events, which cannot be changed. */
function passesOf({ db, contextKeys, sealer }: ContextRewrapDeps): readonly (readonly [string, () => Promise<Pass>])[] {
  const column = (
    table: "case_keys" | "credentials" | "sign_in_links" | "joining_codes",
    id: string,
    value: string,
    reseal: (id: string, sealed: Uint8Array) => Buffer | undefined,
  ) => [table, () => rewrapColumn(db, { table, id, value, reseal })] as const
  return [
    column("case_keys", "case_id", "wrapped", (id, wrapped) => contextKeys.rewrap(id, wrapped)),
    column("credentials", "person_id", "totp", (id, sealed) => sealer.reseal("totp", id, sealed)),
    column("sign_in_links", "id", "draft", (id, sealed) => sealer.reseal("enrolment", id, sealed)),
    column("joining_codes", "person_id", "sealed", (id, sealed) => sealer.reseal("joining-code", id, sealed)),
    ...(Object.keys(SEALED_TABLES) as SealedTable[]).map(
      (table) => [`${table}-codes`, () => rewrapCodes(db, table)] as const,
    ),
  ]
}

interface SealedColumn {
  readonly table: "case_keys" | "credentials" | "sign_in_links" | "joining_codes"
  readonly id: string
  readonly value: string
  readonly reseal: (id: string, sealed: Uint8Array) => Buffer | undefined
}

/** Generic code does not need the tables' types. */
type AnyTables = { readonly row: Record<string, string | Buffer | null> }

async function rewrapColumn(db: Kysely<Tables>, { table, id, value, reseal }: SealedColumn): Promise<Pass> {
  let rewrapped = 0
  let unopened = 0
  for (let after = ""; ; ) {
    const last = await inTransaction(db, async (trx) => {
      const any = trx as unknown as Kysely<AnyTables>
      const rows = await any
        .selectFrom(table as "row")
        .select([id, value])
        .where(id, ">", after)
        .where(value, "is not", null)
        .orderBy(id)
        .limit(BATCH)
        .forUpdate()
        .execute()
      const batch = { rewrapped: 0, unopened: 0 }
      for (const row of rows) {
        const [name, sealed] = [String(row[id]), row[value] as Buffer]
        try {
          const next = reseal(name, sealed)
          if (next === undefined) continue
          if (await put(trx, { table, id, name, value, next })) batch.rewrapped++
          else batch.unopened++
        } catch (error) {
          if (!hasCode(error, "key_unusable")) throw error
          batch.unopened++
        }
      }
      return { ...batch, id: rows.length < BATCH ? undefined : String(rows.at(-1)?.[id]) }
    })
    rewrapped += last.rewrapped
    unopened += last.unopened
    if (last.id === undefined) return { rewrapped, unopened }
    after = last.id
  }
}

/** Writes a value, but not into an untrusted row. */
async function put(
  trx: Kysely<Tables>,
  row: {
    readonly table: SealedColumn["table"]
    readonly id: string
    readonly name: string
    readonly value: string
    readonly next: Buffer
  },
): Promise<boolean> {
  const { table, id, name, value, next } = row
  if (table === "credentials" || table === "sign_in_links") {
    const narrow: Narrow<typeof table> = (all) => all.where(id as "mac", "=", name)
    const written = await updateSealed(trx, table, narrow, { [value]: next }, { leaveUntrusted: true })
    return written.length > 0
  }
  const any = trx as unknown as Kysely<AnyTables>
  await any
    .updateTable(table as "row")
    .set({ [value]: next })
    .where(id, "=", name)
    .execute()
  return true
}

/** Seals rows again whose MAC is by an older key, and counts untrusted ones. */
async function rewrapCodes(db: Kysely<Tables>, table: SealedTable): Promise<Pass> {
  const current = `${authorityOf(db).keyId()}.%`
  const untrusted = new Set<string>()
  let rewrapped = 0
  for (;;) {
    const any = db as unknown as Kysely<{ readonly row: { readonly mac: string } }>
    let select = any
      .selectFrom(table as unknown as "row")
      .select("mac")
      .where("mac", "not like", current)
      // The only row that exists before anybody sealed it.
      .where("mac", "<>", "")
      .orderBy("mac")
      .limit(BATCH)
    if (untrusted.size > 0) select = select.where("mac", "not in", [...untrusted])
    const macs = (await select.execute()).map(({ mac }) => mac)
    if (macs.length === 0) return { rewrapped, unopened: untrusted.size }
    const changed = await updateSealed(db, table, (all) => all.where("mac", "in", macs), {}, { leaveUntrusted: true })
    rewrapped += changed.length
    if (changed.length === macs.length) continue
    const left = await any
      .selectFrom(table as unknown as "row")
      .select("mac")
      .where("mac", "in", macs)
      .execute()
    for (const { mac } of left) untrusted.add(mac)
  }
}

/**
 * Removes the older keys from the file. First the archive, so that no key is ever missing from both; then the event,
 * whose number is the last up to which those keys' MACs of events are valid; then the file.
 */
async function dropOlder(
  { path, db, clock }: ContextRewrapDeps,
  rewrapped: Readonly<Record<string, number>>,
  unopened: number,
): Promise<readonly string[]> {
  const { keys, eventsKeys } = readContextKeys(path)
  const [newest, ...older] = keys
  if (newest === undefined) return []
  const dropped = older.map(({ bytes }) => contextKeyId(bytes))
  await archive(
    contextKeyArchive(path),
    older.map(({ bytes }) => bytes),
    clock.now(),
  )
  await transact({ db, clock }, ACTOR, async ({ record }) => {
    const total = Object.values(rewrapped).reduce((sum, count) => sum + count, 0)
    const data = { key: contextKeyId(newest.bytes), dropped, rewrapped: total, unopened }
    record({ type: "context-key.rotated", subject: "installation", data })
  })
  const last = await db.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirstOrThrow()
  const throughSeq = Number(last.seq)
  const left = older.map(({ bytes }) => ({ bytes: authorityKeyOf(bytes), throughSeq }))
  await writeContextKeys(path, { keys: [newest], eventsKeys: [...left, ...eventsKeys] })
  return dropped
}

async function archive(path: string, keys: readonly Uint8Array[], at: Date): Promise<void> {
  const before = await readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return ""
    throw error
  })
  const lines = keys
    .map((key) => Buffer.from(key).toString("hex"))
    .filter((hex) => !before.includes(hex))
    .map((hex) => `nightlight-context-key-1 ${hex} ${at.toISOString()}\n`)
  if (lines.length > 0) await writeFileAtomic(path, lines.join("") + before, 0o600)
}
