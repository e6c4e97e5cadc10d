/**
 * Signed headers in which a caller describes an end user. The guard believes nothing else: not `user`, not
 * `safety_identifier`, not an unsigned header.
 * @module
 */

import { createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from "node:crypto"
import { compact } from "@nightlight/core"
import { GuardRefusal } from "../errors.ts"
import type { AgeBand, Caller, EndUser } from "./caller.ts"

/** The key that verifies a caller's signatures. */
export type HeaderKey =
  | { readonly kind: "hmac"; readonly secret: Uint8Array }
  /** SPKI, PEM or DER. */
  | { readonly kind: "ed25519"; readonly publicKey: KeyObject }

/** Reads an Ed25519 public key. @throws where it is not one. */
export function ed25519Key(pem: string): HeaderKey {
  const publicKey = createPublicKey(pem)
  if (publicKey.asymmetricKeyType !== "ed25519") throw new TypeError("expected an Ed25519 key")
  return { kind: "ed25519", publicKey }
}

/** Headers as Node gives them: lower-case names. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The headers, in the order in which they are signed; a signature covers all of them, a missing one as the empty
 * string.
 */
export const END_USER_HEADERS = [
  "x-nightlight-user",
  "x-nightlight-ip",
  "x-nightlight-port",
  "x-nightlight-at",
  "x-nightlight-conversation",
  "x-nightlight-age-band",
  "x-nightlight-timestamp",
  "x-nightlight-nonce",
] as const
/** `v1=` and 64 hexadecimal digits of HMAC-SHA-256, or `ed25519=` and base64. */
export const SIGNATURE_HEADER = "x-nightlight-signature"

/** The required form of each value. */
const FORMS: Readonly<Record<(typeof END_USER_HEADERS)[number], RegExp>> = {
  "x-nightlight-user": /^[\x21-\x7e]{1,200}$/,
  "x-nightlight-ip": /^(?:[0-9a-fA-F:.]{2,45})?$/,
  "x-nightlight-port": /^(?:\d{1,5})?$/,
  "x-nightlight-at": /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)?$/,
  "x-nightlight-conversation": /^[\x21-\x7e]{0,200}$/,
  "x-nightlight-age-band": /^(?:adult|minor|unknown_young|unknown)?$/,
  "x-nightlight-timestamp": /^\d{10}$/,
  "x-nightlight-nonce": /^[A-Za-z0-9_-]{16,64}$/,
}

/** The content of verified headers. */
export interface SignedUser {
  readonly user: EndUser
  readonly nonce: string
  /** Seconds since 1970. */
  readonly timestamp: number
  /** The signature as sent. */
  readonly signature: string
}

/** The text that is signed: a fixed name, the caller's id, then one line for each header. */
export function signedText(caller: string, values: readonly string[]): string {
  return ["nightlight-end-user-v1", caller, ...values].join("\n")
}

/**
 * Reads and verifies the headers; undefined where none is present.
 *
 * @throws {GuardRefusal} `end_user_invalid`, the same for every fault.
 */
export function readSignedHeaders(
  headers: Headers,
  caller: Caller,
  key: HeaderKey | undefined,
): SignedUser | undefined {
  const isThere = [...END_USER_HEADERS, SIGNATURE_HEADER].some((name) => headers[name] !== undefined)
  if (!isThere) return undefined
  const values = END_USER_HEADERS.map((name) => {
    const value = headers[name] ?? ""
    if (typeof value !== "string" || !FORMS[name].test(value)) throw invalid()
    return value
  })
  const signature = headers[SIGNATURE_HEADER]
  if (!caller.trusted || key === undefined || typeof signature !== "string") throw invalid()
  if (!isSigned(signature, signedText(caller.id, values), key)) throw invalid()
  const [id = "", ip, port, at, conversation, ageBand, timestamp = "", nonce = ""] = values
  if (Number(port) > 65_535) throw invalid()
  return {
    user: compact({
      id,
      ip: ip || undefined,
      port: port ? Number(port) : undefined,
      at: at || undefined,
      conversation: conversation || undefined,
      ageBand: ageBand ? (ageBand as AgeBand) : undefined,
    }),
    nonce,
    signature,
    timestamp: Number(timestamp),
  }
}

/** The refusal that every invalid header gets. */
export function invalid(): GuardRefusal {
  return new GuardRefusal("end_user_invalid", "the signed headers about an end user are not valid")
}

function isSigned(signature: string, text: string, key: HeaderKey): boolean {
  if (key.kind === "hmac") {
    const given = /^v1=([0-9a-f]{64})$/.exec(signature)?.[1]
    return (
      given !== undefined &&
      timingSafeEqual(Buffer.from(given, "hex"), createHmac("sha256", key.secret).update(text).digest())
    )
  }
  const given = /^ed25519=([A-Za-z0-9+/]{86}==)$/.exec(signature)?.[1]
  return given !== undefined && verify(null, Buffer.from(text), key.publicKey, Buffer.from(given, "base64"))
}
