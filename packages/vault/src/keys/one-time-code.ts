/**
 * One-time codes, which a person receives by another way than the one where they are used.
 * @module
 */
import { randomBytes } from "node:crypto"

/** Letters and digits that cannot be confused (Crockford's base 32). */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const CODE_CHARACTERS = 25
const GROUP = /.{5}/g

/** Makes a code of 25 characters: 125 bits, so that nobody can guess it from a digest or a proof. */
export function newOneTimeCode(): string {
  return Array.from(randomBytes(CODE_CHARACTERS), (byte) => ALPHABET[byte % ALPHABET.length]).join("")
}

/** A code as people read it: groups of five with hyphens. */
export function formatOneTimeCode(code: string): string {
  return code.match(GROUP)?.join("-") ?? code
}

/** A code in its original form, from what a person typed: capitals and digits alone. */
export function normaliseOneTimeCode(typed: string): string {
  return typed.toUpperCase().replaceAll(/[^0-9A-Z]/g, "")
}
