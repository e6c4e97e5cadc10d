/**
 * Reasons why the custodian refuses. Each refusal is in its journal under its reason.
 * @module
 */
import { RequestError, type RequestErrorCode } from "@nightlight/core"

/** The error code of each reason. */
const REASONS = {
  /** The body does not have the form, or names something impossible. */
  malformed: "input_invalid",
  /** The key is not unlocked, or there is none. */
  locked: "state_conflict",
  /** The configuration was changed: somebody with the passphrase accepts or reverts it. */
  "config-changed": "state_conflict",
  /**
   * The journal is empty, which it never is: somebody deleted it. Somebody with the passphrase must check and confirm
   * it.
   */
  "journal-empty": "state_conflict",
  /** No one-time code is waiting for this person, or it has expired. */
  "not-invited": "forbidden",
  /** The proof was not made with the one-time code. */
  "code-wrong": "forbidden",
  /** Too many wrong tries: a new code, or a quarter of an hour. */
  "tries-exceeded": "forbidden",
  /** The key belongs to another person: one person would count as two. */
  "key-taken": "forbidden",
  /** A proof is by somebody whom the custodian does not know, or no longer. */
  "not-enrolled": "forbidden",
  /** A signature is not by that person over this very grant. */
  "signature-wrong": "forbidden",
  /** This kind of document, or this person, needs a passkey instead of a kept key. */
  "passkey-needed": "forbidden",
  /** A passkey's counter contradicts earlier ones: somebody may have a copy. */
  "counter-went-back": "forbidden",
  /** The proofs are not by the people whom the grant needs. */
  "proofs-missing": "forbidden",
  /** One of the people lacks the role for it. */
  "role-missing": "forbidden",
  /** One person alone, where the configuration requires two. */
  "one-person": "forbidden",
  /** The grant is for another action. */
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
  /** There is no rendition: it is not a picture, or cannot be decoded. */
  "no-rendition": "state_conflict",
  /** More bytes than the configuration allows. */
  "too-large": "state_conflict",
  /** There is no such grant, viewing or filing here. */
  unknown: "not_found",
  /** This viewing was attested before. */
  "attested-already": "state_conflict",
  /** The document differs from the granted one. */
  "other-document": "forbidden",
  /** The model does not allow the document. */
  "document-invalid": "input_invalid",
  /** It says that somebody viewed the file, but nobody attested it. */
  "view-not-attested": "forbidden",
  /** The host is not in this custodian's configuration, or has no credentials. */
  "host-not-ready": "forbidden",
  /** The filing is not in a state for this. */
  "wrong-state": "state_conflict",
  /** It is in a production report that the custodian finished less than a year ago. */
  "filed-within-year": "forbidden",
  /** It is in a production report that is being filed. */
  "being-filed": "state_conflict",
  /** The same report is being filed or was filed under another grant. */
  "report-filed": "state_conflict",
  /** So many attempts were made on one grant that a person must check it. */
  "attempts-exceeded": "forbidden",
  /** There is no live filing authorisation: none exists, or it was revoked or has expired. */
  "no-authorisation": "forbidden",
  /** The filing authorisation is for another host or other lists. */
  "other-authorisation": "forbidden",
  /** A snapshot of a list differs from the one that the filing authorisation names. */
  "other-list": "forbidden",
  /** A file is in none of the lists. */
  "not-listed": "forbidden",
  /** The report says more than the filing authorisation allows, or something else. */
  "other-template": "forbidden",
  /** The filing authorisation's daily limit of reports is reached. */
  "daily-cap": "forbidden",
  /** The manifest of recipients differs from the one that was shown, or omits the custodian's own key. */
  "manifest-differs": "state_conflict",
  /** The manifest names other recipients than the host last accepted: a person must check and accept these. */
  "recipients-not-accepted": "state_conflict",
  /** Nobody has permitted headers with the passphrase, or that was more than a day ago. */
  "rewrap-not-allowed": "forbidden",
  /** The lines start before the last event that was signed. */
  "checkpoint-went-back": "state_conflict",
  /** The log has another event than the one that was signed. */
  "checkpoint-contradicts": "state_conflict",
  /** The lines start after the last event that was signed. */
  "checkpoint-not-shown": "state_conflict",
  /** The restart does not name the last signed event: another checkpoint was made since. */
  "other-head": "state_conflict",
  /** A line is not an event, or does not follow the one before it. */
  "log-broken": "state_conflict",
  /** An event is older than the one before it, by more than the clocks of several servers differ. */
  "log-time-back": "state_conflict",
  /** An event is from the future. */
  "log-time-ahead": "state_conflict",
} as const satisfies Readonly<Record<string, RequestErrorCode>>

/** Why something was refused; in `details.reason` and in the journal. */
export type RefusalReason = keyof typeof REASONS

/**
 * Makes the error of a refusal.
 *
 * @param details - Only ids, codes and counts.
 */
export function refusal(
  reason: RefusalReason,
  message: string,
  details: Readonly<Record<string, string | number | boolean>> = {},
): RequestError {
  return new RequestError(REASONS[reason], message, { details: { reason, ...details } })
}
