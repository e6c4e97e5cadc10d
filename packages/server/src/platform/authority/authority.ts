/**
 * The key that authenticates rows: somebody who can write to the database but lacks it cannot make a valid row. A row
 * that gives power carries a MAC (HMAC-SHA-256) over its table, its id and its content, under a key that is not in the
 * database.
 * @module
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto"
import { canonicalJson, IntegrityError, type JsonValue } from "@nightlight/core"
import { derived, fixedKeyRing, type KeyRing } from "../context-keys/key-ring.ts"

/** A row whose MAC is wrong. */
export interface UntrustedRow {
  readonly table: string
  readonly id: string
}

/** Computes and checks the MACs of rows. */
export interface Authority {
  /** The MAC of a row: the key's id (8 hexadecimal digits), a point, and 43 characters of base64url. */
  seal(table: string, id: string, content: JsonValue): string
  /**
   * Checks a row's MAC, and calls {@link Authority.watch}'s listener if it is wrong.
   *
   * @throws {IntegrityError} `row_untrusted`.
   */
  check(table: string, id: string, content: JsonValue, mac: string | null | undefined): void
  /** Reports a row that is wrong in another way than by its MAC, and makes the error to throw. */
  distrust(row: UntrustedRow): IntegrityError
  /** Id of the newest key, with which every new MAC begins. */
  keyId(): string
  /** Whether a MAC was made with an earlier key than the newest. */
  isOld(mac: string): boolean
  /** Has a listener called for each untrusted row. */
  watch(listener: (row: UntrustedRow) => void): void
}

const KEY_BYTES = 32
const LABEL = "nightlight-authority/1"

/**
 * Makes the authority of an installation. Its key is derived (HKDF-SHA-256) from the context key, so it is stored where
 * that one is: in a file of its own, not in a database or a backup of one.
 *
 * @param installationKeys - Context keys of 32 bytes, newest first, or the ring of them: the first makes MACs, the
 *   others only check them. A dropped key still checks the MACs of events up to its last one.
 * @throws {IntegrityError} `key_unusable`.
 */
export function openAuthority(installationKeys: readonly Uint8Array[] | KeyRing): Authority {
  const ring = "current" in installationKeys ? installationKeys : fixedKeyRing(installationKeys)
  const keysNow = derived(ring, (file): Keys => {
    const [newest, ...older] = file.keys.map(({ bytes }) => toKey(authorityKeyOf(bytes)))
    if (newest === undefined) throw new IntegrityError("key_unusable", "there is no key to authenticate rows")
    const dropped = file.eventsKeys.map(({ bytes, throughSeq }) => ({ ...toKey(bytes), throughSeq }))
    return { newest, live: [newest, ...older], dropped }
  })
  /** The key that a MAC names, if it is valid for this row. */
  const keyOf = (mac: string, table: string, id: string, fresh = false): Key | undefined => {
    const { live, dropped } = keysNow(fresh)
    return (
      live.find((each) => mac.startsWith(`${each.id}.`)) ??
      dropped.find((each) => table === "events" && Number(id) <= each.throughSeq && mac.startsWith(`${each.id}.`))
    )
  }
  let listener: ((row: UntrustedRow) => void) | undefined
  const distrust = (row: UntrustedRow): IntegrityError => {
    listener?.(row)
    return new IntegrityError("row_untrusted", "a row of the database was altered", {
      details: { table: row.table, id: row.id },
      hint: "Somebody changed the database outside the server. Run `nightlight audit verify --data FOLDER`.",
    })
  }
  return {
    seal: (table, id, content) => codeOf(keysNow().newest, table, id, content),
    check: (table, id, content, mac) => {
      const key = typeof mac === "string" ? (keyOf(mac, table, id) ?? keyOf(mac, table, id, true)) : undefined
      if (key === undefined || !isSame(codeOf(key, table, id, content), mac ?? "")) throw distrust({ table, id })
    },
    distrust,
    isOld: (mac) => !mac.startsWith(`${keysNow().newest.id}.`),
    keyId: () => keysNow().newest.id,
    watch: (next) => {
      listener = next
    },
  }
}

interface Key {
  readonly id: string
  readonly bytes: Uint8Array
}

interface Keys {
  readonly newest: Key
  readonly live: readonly Key[]
  readonly dropped: readonly (Key & { readonly throughSeq: number })[]
}

/** Derives the 32-byte MAC key from a context key. */
export function authorityKeyOf(installationKey: Uint8Array): Uint8Array {
  if (installationKey.length !== KEY_BYTES) throw new IntegrityError("key_unusable", "the context key is not 32 bytes")
  return new Uint8Array(hkdfSync("sha256", installationKey, "", LABEL, KEY_BYTES))
}

function toKey(bytes: Uint8Array): Key {
  return { id: createHash("sha256").update(bytes).digest("hex").slice(0, 8), bytes }
}

function codeOf({ id: keyId, bytes }: Key, table: string, id: string, content: JsonValue): string {
  const mac = createHmac("sha256", bytes).update(canonicalJson([table, id, content]))
  return `${keyId}.${mac.digest("base64url")}`
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
