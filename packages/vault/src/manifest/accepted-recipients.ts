/**
 * Compares the recipients that a person accepted for rewraps with those that the manifest names now. The key that signs
 * the manifest is where the server runs, so the manifest alone does not decide who may open what was sealed before.
 * @module
 */
import { createHash } from "node:crypto"
import type { ManifestRecipient } from "./manifest.ts"

/** Identifies a set of recipients, in any order, for the person who accepts it: 16 hexadecimal digits. */
export function recipientsDigest(recipients: readonly string[]): string {
  return createHash("sha256").update(recipients.toSorted().join("\n")).digest("hex").slice(0, 16)
}

/**
 * Describes in a sentence how the recipients differ from the last accepted ones.
 *
 * @param accepted - `age1...`; `undefined` if none were ever accepted.
 * @returns `undefined` if they do not differ.
 */
export function describeRecipientChange(
  active: readonly ManifestRecipient[],
  accepted: readonly string[] | undefined,
): string | undefined {
  const wordsOf = (entries: readonly ManifestRecipient[]) =>
    entries.map(({ id, role, recipient }) => `${id} (${role}) ${recipient}`).join(", ")
  if (accepted === undefined) return `no recipients of rewrapped evidence have been accepted yet: ${wordsOf(active)}`
  const added = active.filter(({ recipient }) => !accepted.includes(recipient))
  const gone = accepted.filter((recipient) => !active.some((entry) => entry.recipient === recipient))
  if (added.length === 0 && gone.length === 0) return undefined
  return [
    "evidence is only rewrapped for the last accepted keys",
    ...(added.length === 0 ? [] : [`new: ${wordsOf(added)}`]),
    ...(gone.length === 0 ? [] : [`no longer there: ${gone.join(", ")}`]),
  ].join("; ")
}
