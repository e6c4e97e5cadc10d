/**
 * The key that vouches for rows: the database stores them, and who writes to it can make none. A row that gives power
 * carries a code (HMAC-SHA-256) over its table, its id and its content, under a key that stands in no database.
 * @module
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto"
import { canonicalJson, IntegrityError, type JsonValue } from "@nightlight/core"

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
 * @param installationKeys - Context keys of 32 bytes, the newest first: it makes codes, the others only check them.
 * @throws {IntegrityError} `key_unusable`.
 */
export function openAuthority(installationKeys: readonly Uint8Array[]): Authority {
  const keys = installationKeys.map(deriveKey)
  const [newest] = keys
  if (newest === undefined) throw new IntegrityError("key_unusable", "there is no key to vouch for rows")
  let listener: ((row: UntrustedRow) => void) | undefined
  const distrust = (row: UntrustedRow): IntegrityError => {
    listener?.(row)
    return new IntegrityError("row_untrusted", "a row of the database is not what was written", {
      details: { table: row.table, id: row.id },
      hint: "Somebody changed the database behind the service's back. Run `nightlight audit verify --data FOLDER`.",
    })
  }
  return {
    seal: (table, id, content) => codeOf(newest, table, id, content),
    check: (table, id, content, mac) => {
      const key = typeof mac === "string" ? keys.find((each) => mac.startsWith(`${each.id}.`)) : undefined
      if (key === undefined || !isSame(codeOf(key, table, id, content), mac ?? "")) throw distrust({ table, id })
    },
    distrust,
    isOld: (mac) => !mac.startsWith(`${newest.id}.`),
    watch: (next) => {
      listener = next
    },
  }
}

interface Key {
  readonly id: string
  readonly bytes: Uint8Array
}

function deriveKey(installationKey: Uint8Array): Key {
  if (installationKey.length !== KEY_BYTES) throw new IntegrityError("key_unusable", "the context key is not 32 bytes")
  const bytes = new Uint8Array(hkdfSync("sha256", installationKey, "", LABEL, KEY_BYTES))
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
