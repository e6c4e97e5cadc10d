/**
 * Why the custodian does not act. Each refusal stands in its journal under its reason.
 * @module
 */
import { RequestError, type RequestErrorCode } from "@nightlight/core"

/** What each reason means to the caller. */
const REASONS = {
  /** The body is not of the form, or names what cannot be. */
  malformed: "input_invalid",
  /** The key is not unlocked, or there is none. */
  locked: "state_conflict",
  /** The configuration was changed: whoever knows the passphrase accepts it, or puts it back. */
  "config-changed": "state_conflict",
  /** The journal, which is never empty, is: somebody took it away. Whoever knows the passphrase looks, and says a word. */
  "journal-empty": "state_conflict",
  /** No one-time code is waiting for this person, or it has expired. */
  "not-invited": "forbidden",
  /** The proof was not made with the one-time code. */
  "code-wrong": "forbidden",
  /** Too many wrong tries: a new code, or a quarter of an hour. */
  "tries-exceeded": "forbidden",
  /** The key is another person's: one hand would count as two. */
  "key-taken": "forbidden",
  /** A proof is of somebody whom the custodian does not know, or no longer. */
  "not-enrolled": "forbidden",
  /** A signature is not that person's over this very grant. */
  "signature-wrong": "forbidden",
  /** This kind of document, or this person, is not signed for with a kept key. */
  "passkey-needed": "forbidden",
  /** A passkey's counter contradicts what was seen of it: somebody may hold a copy. */
  "counter-went-back": "forbidden",
  /** The proofs are not of the people whom the grant needs. */
  "proofs-missing": "forbidden",
  /** Somebody lacks the role for it. */
  "role-missing": "forbidden",
  /** One person alone, where the configuration asks for two. */
  "one-person": "forbidden",
  /** The grant is for another approval. */
  "other-purpose": "forbidden",
  /** It has expired. */
  expired: "forbidden",
  /** It is not valid yet: the clocks differ. */
  "not-yet-valid": "forbidden",
  /** It would be valid for longer than a grant may be. */
  "valid-too-long": "forbidden",
  /** It has been used. */
  replayed: "state_conflict",
  /** Too many in the last hour, of this person or in all. */
  "hourly-cap": "forbidden",
  /** It is about another piece of evidence, or another sealed file. */
  "other-evidence": "forbidden",
  /** The evidence does not open to what was granted. */
  "evidence-faulty": "state_conflict",
  /** There is no rendition: it is no picture, or does not decode. */
  "no-rendition": "state_conflict",
  /** More bytes than the configuration lets through. */
  "too-large": "state_conflict",
  /** No such grant, look or filing was ever seen here. */
  unknown: "not_found",
  /** An attestation for this viewing was made already. */
  "attested-already": "state_conflict",
  /** The document is not the one that was granted. */
  "other-document": "forbidden",
  /** The model does not allow the document. */
  "document-invalid": "input_invalid",
  /** It says that somebody viewed the file, and nobody attested it. */
  "view-not-attested": "forbidden",
  /** The host is not in this custodian's configuration, or has no credentials. */
  "host-not-ready": "forbidden",
  /** The filing is not at a point where this can be done. */
  "wrong-state": "state_conflict",
  /** It stands in a production report that the custodian finished less than a year ago. */
  "filed-within-year": "forbidden",
  /** It stands in a production report that is being filed. */
  "being-filed": "state_conflict",
  /** Another grant's filing of the same report is under way or finished. */
  "report-filed": "state_conflict",
  /** So many attempts were made on one grant that people must look. */
  "attempts-exceeded": "forbidden",
  /** Nothing stands for an automatic filing: no such filing authorisation, or it was revoked or has expired. */
  "no-authorisation": "forbidden",
  /** The filing authorisation is for another host or other lists. */
  "other-authorisation": "forbidden",
  /** A snapshot of a list is not the one that the filing authorisation names. */
  "other-list": "forbidden",
  /** A file stands in none of the lists. */
  "not-listed": "forbidden",
  /** The report says more than the filing authorisation allows, or something else. */
  "other-template": "forbidden",
  /** As many reports as the filing authorisation allows were filed on it within a day. */
  "daily-cap": "forbidden",
  /** The manifest of recipients is not the one that was shown, or leaves the custodian's own key out. */
  "manifest-differs": "state_conflict",
  /** The manifest names other recipients than the host accepted last: a person looks, and accepts these. */
  "recipients-not-accepted": "state_conflict",
  /** Nobody has let headers be made with the passphrase, or that was more than a day ago. */
  "rewrap-not-allowed": "forbidden",
  /** The log is shown from before the last event that was signed. */
  "checkpoint-went-back": "state_conflict",
  /** The log has another event than the one that was signed. */
  "checkpoint-contradicts": "state_conflict",
  /** The log is shown from after the last event that was signed. */
  "checkpoint-not-shown": "state_conflict",
  /** The restart names another event than the last that was signed: another checkpoint came since. */
  "other-head": "state_conflict",
  /** A line is no event, or does not follow from the one before it. */
  "log-broken": "state_conflict",
  /** An event is older than the one before it, by more than clocks of several servers differ. */
  "log-time-back": "state_conflict",
  /** An event is from the future. */
  "log-time-ahead": "state_conflict",
} as const satisfies Readonly<Record<string, RequestErrorCode>>

/** Why something was refused; stands in `details.reason` and in the journal. */
export type RefusalReason = keyof typeof REASONS

/**
 * Makes the error of a refusal.
 *
 * @param details - Ids, codes and counts alone.
 */
export function refusal(
  reason: RefusalReason,
  message: string,
  details: Readonly<Record<string, string | number | boolean>> = {},
): RequestError {
  return new RequestError(REASONS[reason], message, { details: { reason, ...details } })
}
