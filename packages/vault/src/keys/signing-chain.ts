/**
 * The keys that signed a workspace's documents, one after another: the first one's public half, followed by a line for
 * each handover, signed by the old key and the new one.
 *
 * Documents have no sequence number to limit an old key by, so each handover names a list of the signatures that
 * earlier keys had made by then: no other signature of theirs is accepted.
 * @module
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { canonicalJson, IntegrityError, type Signer, tryParseJson, type Verifier } from "@nightlight/core"
import { checkHandover, signHandover } from "./handover.ts"
import { readKeyFile } from "./key-file.ts"
import { toVerifier } from "./verifying-key.ts"

const FORMATS = { format: "nightlight-signing-handover/1", accepted: "nightlight-signing-accepted/1" }
const END = "-----END PUBLIC KEY-----\n"
const OTHERS_MAY_WRITE = 0o022
/** The file of a public key has room for a few hundred handovers. */
const MAX_HANDOVERS = 100
const DIGEST_HEX = 32

/** Content of a handover. */
export interface SigningHandover {
  /** Public half of the new key, PEM. */
  readonly publicKey: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** SHA-256 of the list of signatures, hexadecimal. */
  readonly signatures: string
}

/** Digest of a signature in a list. */
export function signatureDigest(signature: Uint8Array): string {
  return createHash("sha256").update(signature).digest("hex").slice(0, DIGEST_HEX)
}

/** Text of a list of signatures, by their digests. */
export function signatureList(digests: Iterable<string>): string {
  return [...new Set(digests)]
    .toSorted()
    .map((digest) => `${digest}\n`)
    .join("")
}

/** File of the list that a handover names, counted from 1. */
export function signatureListPath(publicPath: string, handover: number): string {
  return publicPath.replace(/(\.pub)?$/, `.signed-${handover}.pub`)
}

/** Makes the line of a handover, with its newline. */
export function toSigningHandover({ publicKey, at, signatures }: SigningHandover, from: Signer, to: Signer): string {
  return `${canonicalJson(signHandover({ publicKey, at, signatures }, FORMATS, from, to))}\n`
}

/** How often a key's file was handed over. */
export function countHandovers(text: string): number {
  return linesOf(text).length
}

/**
 * Id of the last key in a file.
 *
 * @throws {IntegrityError} as {@link openVerifier}, without the lists.
 */
export async function presentKeyId(path: string): Promise<string> {
  return readChain(await readKeyFile(path, OTHERS_MAY_WRITE)).current.keyId
}

/**
 * Opens the public half of a workspace's signing key, and the limited earlier keys. After a later handover, signatures
 * of the next key are accepted too, without opening it again.
 *
 * @param path - PEM file (SPKI, Ed25519), with its handovers. Others may read it, but must not be able to change it.
 * @throws {IntegrityError} `key_unusable` if it is missing, not such a key, or writable by others; if a handover is not
 *   signed by both keys, or the list that it names is missing or differs.
 */
export async function openVerifier(path: string): Promise<Verifier> {
  const text = await readKeyFile(path, OTHERS_MAY_WRITE)
  const { current } = readChain(text)
  const earlier = earlierKeys(path, text)
  return {
    keyId: current.keyId,
    verify: (bytes, signature) => current.verify(bytes, signature),
    earlier: (keyId) => earlier.get(keyId) ?? findLater(path, keyId, current),
  }
}

/** Earlier keys, each limited to what it had signed by its handover. */
function earlierKeys(path: string, text: string): ReadonlyMap<string, Verifier> {
  return new Map(
    readChain(text).before.map(({ verifier, signatures }, position) => {
      const known = readList(signatureListPath(path, position + 1), signatures)
      const { keyId } = verifier
      const verify: Verifier["verify"] = (bytes, signature) =>
        known.has(signatureDigest(signature)) && verifier.verify(bytes, signature)
      return [keyId, { keyId, verify }]
    }),
  )
}

/** A key that came after the known one, by the present file. */
function findLater(path: string, keyId: string, known: Verifier): Verifier | undefined {
  try {
    const text = readFileSync(path, "utf8")
    const { current, before } = readChain(text)
    const place = before.findIndex(({ verifier }) => verifier.keyId === known.keyId)
    if (place === -1) return undefined
    if (current.keyId === keyId) return current
    const isLater = before.slice(place + 1).some(({ verifier }) => verifier.keyId === keyId)
    return isLater ? earlierKeys(path, text).get(keyId) : undefined
  } catch {
    return undefined
  }
}

interface KeyChain {
  readonly current: Verifier
  /** Earlier keys, the first one first, each with the digest of its list of signatures. */
  readonly before: readonly { readonly verifier: Verifier; readonly signatures: unknown }[]
}

function readChain(text: string): KeyChain {
  const lines = linesOf(text)
  if (lines.length > MAX_HANDOVERS) throw unusable()
  let current = toVerifier(text)
  const before: { readonly verifier: Verifier; readonly signatures: unknown }[] = []
  for (const line of lines) {
    const handover = checkHandover(tryParseJson(line), FORMATS, current)
    if (handover === undefined || canonicalJson(handover.document) !== line) throw unusable()
    before.push({
      verifier: current,
      signatures: (handover.document as Readonly<Record<string, unknown>>)["signatures"],
    })
    current = handover.to
    if (before.some(({ verifier }) => verifier.keyId === handover.to.keyId)) throw unusable()
  }
  return { current, before }
}

function readList(path: string, sha256: unknown): ReadonlySet<string> {
  const text = textOf(path)
  if (text === undefined || createHash("sha256").update(text).digest("hex") !== sha256) {
    throw new IntegrityError("key_unusable", `${path} is not the list of signatures in the handover`)
  }
  return new Set(text.split("\n"))
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

function linesOf(text: string): readonly string[] {
  const end = text.indexOf(END)
  if (end === -1) return []
  return text
    .slice(end + END.length)
    .split("\n")
    .filter((line) => line !== "")
}

function unusable(): IntegrityError {
  return new IntegrityError("key_unusable", "a handover of the signing key is not signed by both keys")
}
