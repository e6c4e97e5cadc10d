/**
 * The context compartment: URLs, accounts, prompts, true digests, rationales and report texts, each encrypted under its
 * case's own key. A case's key is wrapped by the installation's context key and stored in one row; destroying that row
 * destroys the case's context, wherever copies of the ciphertext are.
 *
 * AES-256-GCM: 12 bytes nonce, ciphertext, 16 bytes tag; case and purpose are authenticated with it.
 * @module
 */
import { randomBytes } from "node:crypto"
import { IntegrityError, type JsonValue, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"
import { decrypt, decryptWithAny, encrypt } from "../secrets/aes-gcm.ts"
import { derived, type KeyRing, toKeyRing } from "./key-ring.ts"

/** Encrypts and decrypts the context of cases. */
export interface ContextKeys {
  /** Encrypts a value under the case's key, which is made if there is none yet. */
  seal(db: Kysely<Tables>, caseId: string, purpose: string, value: JsonValue): Promise<Buffer>
  /** As {@link seal}, for many values under one key. */
  sealAll(db: Kysely<Tables>, caseId: string, purpose: string, values: readonly JsonValue[]): Promise<readonly Buffer[]>
  /**
   * Decrypts what {@link seal} made for the same case and purpose.
   *
   * @throws {RequestError} `not_found` if the case's key was destroyed.
   * @throws {IntegrityError} `key_unusable` if it was sealed for another case or purpose, or altered.
   */
  open(db: Kysely<Tables>, caseId: string, purpose: string, sealed: Uint8Array): Promise<JsonValue>
  /** As {@link open}, for many values of one case, in order: the case's key is read once. */
  openMany(db: Kysely<Tables>, caseId: string, purpose: string, sealed: readonly Uint8Array[]): Promise<JsonValue[]>
  /**
   * Wraps a case's key again under the newest installation key.
   *
   * @returns `undefined` if it is under that key already.
   * @throws {IntegrityError} `key_unusable` if no key of the installation opens it.
   */
  rewrap(caseId: string, wrapped: Uint8Array): Buffer | undefined
  /** Destroys a case's key. Everything sealed under it can never be opened again. */
  destroy(db: Kysely<Tables>, caseId: string): Promise<void>
}

const KEY_BYTES = 32

/**
 * Makes the compartment's keys from the installation's.
 *
 * @param installationKeys - 32 bytes, or the ring of them, from a file (0600) that no backup of the database contains.
 */
export function openContextKeys(installationKeys: Uint8Array | KeyRing): ContextKeys {
  const keysNow = derived(toKeyRing(installationKeys), ({ keys }) => keys.map(({ bytes }) => bytes))
  const wrap = (caseId: string, key: Uint8Array) =>
    encrypt(keysNow()[0] ?? new Uint8Array(0), aad("case-key", caseId), key)

  const keyOf = async (db: Kysely<Tables>, caseId: string): Promise<Buffer | undefined> => {
    const row = await db
      .selectFrom("case_keys")
      .select(["wrapped", "destroyed_at"])
      .where("case_id", "=", caseId)
      .executeTakeFirst()
    if (row === undefined) return undefined
    if (row.wrapped === null) throw new RequestError("not_found", "the context of this case was destroyed")
    return decryptWithAny(keysNow, aad("case-key", caseId), row.wrapped).plaintext
  }

  /** A case's key, made if there is none yet. */
  const ownKey = async (db: Kysely<Tables>, caseId: string): Promise<Buffer> => {
    const known = await keyOf(db, caseId)
    if (known !== undefined) return known
    const wrapped = wrap(caseId, randomBytes(KEY_BYTES))
    await db
      .insertInto("case_keys")
      .values({ case_id: caseId, wrapped, destroyed_at: null })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const made = await keyOf(db, caseId)
    if (made === undefined) throw new IntegrityError("key_unusable", "the case has no key")
    return made
  }

  return {
    seal: async (db, caseId, purpose, value) => {
      const key = await ownKey(db, caseId)
      return encrypt(key, aad(purpose, caseId), Buffer.from(JSON.stringify(value)))
    },
    sealAll: async (db, caseId, purpose, values) => {
      if (values.length === 0) return []
      const key = await ownKey(db, caseId)
      return values.map((value) => encrypt(key, aad(purpose, caseId), Buffer.from(JSON.stringify(value))))
    },
    open: async (db, caseId, purpose, sealed) => {
      const key = await keyOf(db, caseId)
      if (key === undefined) throw new RequestError("not_found", "this case has no context")
      return parse(decrypt(key, aad(purpose, caseId), sealed))
    },
    openMany: async (db, caseId, purpose, sealed) => {
      if (sealed.length === 0) return []
      const key = await keyOf(db, caseId)
      if (key === undefined) throw new RequestError("not_found", "this case has no context")
      return sealed.map((each) => parse(decrypt(key, aad(purpose, caseId), each)))
    },
    rewrap: (caseId, wrapped) => {
      const { plaintext, byFirst } = decryptWithAny(keysNow, aad("case-key", caseId), wrapped)
      return byFirst ? undefined : wrap(caseId, plaintext)
    },
    destroy: async (db, caseId) => {
      await db
        .updateTable("case_keys")
        .set({ wrapped: null, destroyed_at: new Date() })
        .where("case_id", "=", caseId)
        .where("wrapped", "is not", null)
        .execute()
    },
  }
}

function parse(plaintext: Buffer): JsonValue {
  return JSON.parse(plaintext.toString()) as JsonValue
}

function aad(purpose: string, caseId: string): Buffer {
  return Buffer.from(JSON.stringify([purpose, caseId]))
}
