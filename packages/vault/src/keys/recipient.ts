/**
 * Public keys that evidence is sealed to. Source: the age file format, age-encryption.org/v1, section X25519.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { Encrypter } from "age-encryption"

const X25519 = /^age1[02-9ac-hj-np-z]{58}$/

/** Whether a text is a native age X25519 recipient, `age1` and 58 characters, with a right checksum. */
export function isRecipient(text: string): boolean {
  if (!X25519.test(text)) return false
  try {
    new Encrypter().addRecipient(text)
    return true
  } catch {
    return false
  }
}

/**
 * Returns the text if it is a recipient that Nightlight seals to.
 *
 * @throws {RequestError} `key_malformed`, saying which kind of key it is instead where that can be told.
 */
export function assertRecipient(text: string): string {
  if (isRecipient(text)) return text
  throw new RequestError("key_malformed", `not an age X25519 recipient: ${whatItIs(text)}`, {
    hint: "Make a key with `age-keygen` and give its public key: age1 and 58 more characters.",
  })
}

/** Names the kind of key without repeating it: it may be the secret half. */
function whatItIs(text: string): string {
  if (/^AGE-SECRET-KEY-/i.test(text)) return "this is a secret key, which must not leave its owner"
  if (text.startsWith("age1pq1")) return "post-quantum recipients cannot be opened by older tools"
  if (text.startsWith("age1tag1") || text.startsWith("age1tagpq1")) return "hardware tag recipients are not supported"
  if (text.startsWith("ssh-")) return "SSH keys are not supported"
  if (/^age1[a-z0-9]+1/.test(text)) return "plug-in recipients are not supported"
  if (text.startsWith("age1")) return "it is cut short or mistyped"
  return "it does not start with age1"
}
