/**
 * Whom a person let evidence be rewrapped for, against whom the manifest names now. The key that signs the manifest lies
 * where the server runs: the manifest alone does not say who may open what was sealed before.
 * @module
 */
import { createHash } from "node:crypto"
import type { ManifestRecipient } from "./manifest.ts"

/** Names a set of recipients, in whatever order, to a person who accepts that very set: 16 hexadecimal digits. */
export function recipientsDigest(recipients: readonly string[]): string {
  return createHash("sha256").update(recipients.toSorted().join("\n")).digest("hex").slice(0, 16)
}

/**
 * Says in a sentence how the recipients differ from those that were accepted last.
 *
 * @param accepted - `age1...`; `undefined` where nobody ever accepted any.
 * @returns `undefined` if they do not.
 */
export function describeRecipientChange(
  active: readonly ManifestRecipient[],
  accepted: readonly string[] | undefined,
): string | undefined {
  const wordsOf = (entries: readonly ManifestRecipient[]) =>
    entries.map(({ id, role, recipient }) => `${id} (${role}) ${recipient}`).join(", ")
  if (accepted === undefined) return `nobody has accepted yet whom evidence is rewrapped for: ${wordsOf(active)}`
  const added = active.filter(({ recipient }) => !accepted.includes(recipient))
  const gone = accepted.filter((recipient) => !active.some((entry) => entry.recipient === recipient))
  if (added.length === 0 && gone.length === 0) return undefined
  return [
    "evidence is not rewrapped for other keys than were accepted last",
    ...(added.length === 0 ? [] : [`new: ${wordsOf(added)}`]),
    ...(gone.length === 0 ? [] : [`no longer there: ${gone.join(", ")}`]),
  ].join("; ")
}
