/**
 * The key that vouches for rows: the database stores them, and who writes to it can make none. A row that gives power
 * carries a code (HMAC-SHA-256) over its table, its id and its content, under a key that stands in no database.
 * @module
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto"
import { canonicalJson, IntegrityError, type JsonValue } from "@nightlight/core"
import { derived, fixedKeyRing, type KeyRing } from "../context-keys/key-ring.ts"

/** A row that its code does not vouch for. */
export interface UntrustedRow {
  readonly table: string
  readonly id: string
}

/** Makes and checks the codes of rows. */
export interface Authority {
  /** The code of a row: the key's id (8 hexadecimal digits), a point, and 43 characters of base64url. */
  seal(table: string, id: string, content: JsonValue): string
  /**
   * Checks a row's code, and tells {@link Authority.watch}'s listener of one that is wrong.
   *
   * @throws {IntegrityError} `row_untrusted`.
   */
  check(table: string, id: string, content: JsonValue, mac: string | null | undefined): void
  /** Tells of a row that is wrong in another way than by its code, and makes the error to throw. */
  distrust(row: UntrustedRow): IntegrityError
  /** Id of the newest key, which begins every code that it makes. */
  keyId(): string
  /** Whether a code was made by a key before the newest. */
  isOld(mac: string): boolean
  /** Has a listener told of each row that is not what its code says. */
  watch(listener: (row: UntrustedRow) => void): void
}

const KEY_BYTES = 32
const LABEL = "nightlight-authority/1"

/**
 * Makes the authority of an installation. Its key is derived (HKDF-SHA-256) from the context key, so it is where that one
 * is: in a file of its own, in no database and in no backup of one.
 *
 * @param installationKeys - Context keys of 32 bytes, the newest first, or the ring of them: the first makes codes, the
 *   others only check them. Of a key that was dropped the codes of events up to its last one are taken.
 * @throws {IntegrityError} `key_unusable`.
 */
export function openAuthority(installationKeys: readonly Uint8Array[] | KeyRing): Authority {
  const ring = "current" in installationKeys ? installationKeys : fixedKeyRing(installationKeys)
  const keysNow = derived(ring, (file): Keys => {
    const [newest, ...older] = file.keys.map(({ bytes }) => toKey(authorityKeyOf(bytes)))
    if (newest === undefined) throw new IntegrityError("key_unusable", "there is no key to vouch for rows")
    const dropped = file.eventsKeys.map(({ bytes, throughSeq }) => ({ ...toKey(bytes), throughSeq }))
    return { newest, live: [newest, ...older], dropped }
  })
  /** The key that a code names, if it may speak for this row. */
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
    return new IntegrityError("row_untrusted", "a row of the database is not what was written", {
      details: { table: row.table, id: row.id },
      hint: "Somebody changed the database behind the service's back. Run `nightlight audit verify --data FOLDER`.",
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

/** Derives from a context key the 32 bytes that codes are made with. */
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
