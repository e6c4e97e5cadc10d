/**
 * Public keys that evidence is sealed to. Source: the age file format, age-encryption.org/v1, section X25519.
 * @module
 */
import { RequestError } from "@nightlight/core"

const X25519 = /^age1[02-9ac-hj-np-z]{58}$/

/** Whether a text is a native age X25519 recipient, `age1` and 58 characters, with a correct checksum. */
export function isRecipient(text: string): boolean {
  return X25519.test(text) && hasRightChecksum(text)
}

/** Digits of Bech32, in the order of their values. Source: BIP 173. */
const DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
const GENERATOR: readonly number[] = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
const PREFIX = "age"
const CHECKSUM_DIGITS = 6
const DIGIT_BITS = 5

/**
 * Checks a Bech32 text with the prefix `age`. Implemented without the age library, since every command reads the
 * manifest of recipients, and few seal or open anything.
 */
function hasRightChecksum(text: string): boolean {
  const values = Array.from(text.slice(PREFIX.length + 1), (digit) => DIGITS.indexOf(digit))
  const high = Array.from(PREFIX, (letter) => letter.charCodeAt(0) >> 5)
  const low = Array.from(PREFIX, (letter) => letter.charCodeAt(0) & 31)
  // 52 digits hold 260 bits for 256: the last four must be zero.
  const padding = (values[values.length - CHECKSUM_DIGITS - 1] ?? 0) & 15
  return padding === 0 && polymod([...high, 0, ...low, ...values]) === 1
}

function polymod(values: readonly number[]): number {
  let checksum = 1
  for (const value of values) {
    const top = checksum >>> 25
    checksum = ((checksum & 0x1ffffff) << 5) ^ value
    for (const [bit, term] of GENERATOR.entries()) if (((top >> bit) & 1) === 1) checksum ^= term
  }
  return checksum
}

/**
 * Returns the text if it is a recipient that Nightlight seals to.
 *
 * @throws {RequestError} `key_malformed`, saying which kind of key it is instead, if known.
 */
export function assertRecipient(text: string): string {
  if (isRecipient(text)) return text
  throw new RequestError("key_malformed", `not an age X25519 recipient: ${whatItIs(text)}`, {
    hint: "Make a key with `age-keygen` and give its public key: age1 and 58 more characters.",
  })
}

/**
 * Decodes a recipient: the 32 bytes of its X25519 public key.
 *
 * @throws {RequestError} `key_malformed`.
 */
export function recipientKey(text: string): Uint8Array {
  const digits = assertRecipient(text).slice(PREFIX.length + 1, -CHECKSUM_DIGITS)
  const bytes = new Uint8Array(32)
  let held = 0
  let heldBits = 0
  let length = 0
  for (const digit of digits) {
    held = ((held << DIGIT_BITS) | DIGITS.indexOf(digit)) & 0xfff
    heldBits += DIGIT_BITS
    if (heldBits < 8) continue
    heldBits -= 8
    bytes[length++] = (held >>> heldBits) & 0xff
  }
  return bytes
}

/** Names the kind of key without repeating it, since it may be the secret half. */
function whatItIs(text: string): string {
  if (/^AGE-SECRET-KEY-/i.test(text)) return "this is a secret key, which must not leave its owner"
  if (text.startsWith("age1pq1")) return "post-quantum recipients cannot be opened by older tools"
  if (text.startsWith("age1tag1") || text.startsWith("age1tagpq1")) return "hardware tag recipients are not supported"
  if (text.startsWith("ssh-")) return "SSH keys are not supported"
  if (/^age1[a-z0-9]+1/.test(text)) return "plug-in recipients are not supported"
  if (text.startsWith("age1")) return "it is cut short or mistyped"
  return "it does not start with age1"
}
