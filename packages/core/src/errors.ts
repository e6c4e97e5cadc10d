/**
 * The errors of the services.
 *
 * A message may be shown to operators and kept in logs for years, so it names things only by id, code, count or line
 * number. It may repeat an operator's own input (a path, a list's name), but never an item's name, URL, caption, prompt
 * or hash.
 * @module
 */

/** Options of every {@link NightlightError}. */
export interface NightlightErrorOptions extends ErrorOptions {
  /** Ids and counts that help an operator; safe to log and to send. */
  readonly details?: Readonly<Record<string, string | number | boolean>>
  /** The reader's next step, in one sentence; shown below the message. */
  readonly hint?: string
}

/** Base of every error that the services throw deliberately. */
export abstract class NightlightError<Code extends string = string> extends Error {
  /** Stable, documented in docs/reference/errors.md; match on this, not on the message. */
  readonly code: Code
  readonly details: Readonly<Record<string, string | number | boolean>>
  readonly hint: string | undefined
  /** Whether the same call may succeed later without any change. */
  abstract readonly retryable: boolean

  constructor(code: Code, message: string, options: NightlightErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.details = options.details ?? {}
    this.hint = options.hint
  }
}

/** Errors of the caller. */
export type RequestErrorCode =
  /** An argument, option or value does not have the required form. */
  | "input_invalid"
  /** The named thing does not exist. */
  | "not_found"
  /** The request does not fit the present state, such as a scan whose input changed meanwhile. */
  | "state_conflict"
  /** The caller may not do this, or it needs a recorded basis or a second person. */
  | "forbidden"
  /** A configuration file such as `nightlight.yaml` has an unknown key or a wrong value, or is not YAML. */
  | "config_invalid"
  /** The folder is not a workspace: `nightlight init` makes one. */
  | "workspace_missing"
  /** The folder is a workspace already; nothing was changed. */
  | "workspace_exists"
  /** A hash list has no known format, or no usable line. */
  | "list_malformed"
  /** No hash list of that name was imported. */
  | "list_unknown"
  /** A policy does not load: syntax, an unknown name, a type or a limit. */
  | "policy_invalid"
  /** The passphrase does not open the key. */
  | "passphrase_wrong"
  /** A passphrase is needed and none was given; `NIGHTLIGHT_PASSPHRASE` provides one without a terminal. */
  | "passphrase_missing"
  /** A recipient or a private key is not valid. */
  | "key_malformed"
  /** The output folder contains something else, or lies inside the dataset or the workspace. */
  | "output_conflict"
  /** The call has no valid session or key. */
  | "unauthenticated"
  /** The session must be proven again before this action: password and code, or single sign-on. */
  | "step_up_required"
  /** Another person must do this part: one whom the first person did not invite or grant a role. */
  | "second_person_required"
  /** The reviewer has no viewings left for now; deciding without a viewing stays possible. */
  | "budget_reached"
  /** More calls than allowed in this time. */
  | "too_many_requests"
  /** The body is larger than the route's limit. */
  | "body_too_large"
  /** An outside service refuses the credentials that are configured for it. */
  | "credentials_refused"
  /** An address from content or a peer may not be called: because of its form or port, or because it is not public. */
  | "address_refused"
  /** The fetched content is larger than its limit. */
  | "too_large"

/** The caller's request cannot be done: exit 2, HTTP 4xx. Never retried. */
export class RequestError extends NightlightError<RequestErrorCode> {
  override name = "RequestError"
  readonly retryable = false
}

/** Errors of the environment. */
export type DependencyErrorCode =
  /** A service, process or device does not answer. */
  | "unavailable"
  /** A service or process exceeded its time limit. */
  | "timed_out"
  /** A service's answer cannot be understood. */
  | "answer_malformed"
  /** There is no space left; files that were already written are complete. */
  | "disk_full"
  /** A file of the dataset changed while it was read. */
  | "source_changed"
  /** A file cannot be read to its end. */
  | "source_unreadable"
  /** A file cannot be written. */
  | "write_failed"
  /** Earlier versions of an object cannot be removed, so what they hold is still in the store. */
  | "versions_left"
  /** Another process uses the same folder. */
  | "locked"
  /** The decoder cannot be started, or always stops at once. */
  | "decoder_unavailable"
  /** The system cannot isolate the decoder, and the configuration does not accept that. */
  | "decoder_not_isolated"

/** A dependency failed: disk, source, child process, network. Exit 10; jobs retry. */
export class DependencyError extends NightlightError<DependencyErrorCode> {
  override name = "DependencyError"
  readonly retryable = true
}

/** Violated invariants. */
export type IntegrityErrorCode =
  /** An event of the audit log was altered, removed or added. */
  | "audit_chain_broken"
  /** Sealed evidence, or content about to be sealed, does not match its digest. */
  | "evidence_digest_mismatch"
  /** A key file is missing, damaged, readable by others, or opens nothing. */
  | "key_unusable"
  /** The manifest of recipients is missing, damaged or not signed by this workspace. */
  | "manifest_untrusted"
  /** A hash list's snapshot is damaged or not signed by this workspace. */
  | "snapshot_untrusted"
  /** The index is damaged or not signed by this workspace. */
  | "index_untrusted"
  /** The index is older than one that was live before. */
  | "index_older"
  /** A test card that must match did not, so the index does not go live. */
  | "test_card_missed"
  /** A backup is not signed by the trusted key, or its database contains objects that no migration made. */
  | "backup_untrusted"
  /** A receipt, or the document it covers, is not signed by this workspace. */
  | "receipt_untrusted"
  /** A database row that grants rights was written, changed or restored without the service's key. */
  | "row_untrusted"

/** Evidence, audit log, list, index or configuration is not authentic: work stops. Exit 4. */
export class IntegrityError extends NightlightError<IntegrityErrorCode> {
  override name = "IntegrityError"
  readonly retryable = false
}

/** Why one shard cannot be read at all. */
export type ShardErrorCode =
  /** It is not a valid archive, is damaged or is cut short. */
  | "shard_malformed"
  /** It would decompress beyond the limits, or its entries overlap. */
  | "shard_bomb"
  /** It is encrypted, needs other files, or has a member that is a link, leaves it, or is read differently by other tools. */
  | "shard_unsafe"
  /** It has more members, depth or header than any dataset needs. */
  | "shard_limit"

/** A shard with a broken or hostile structure: it is set aside, the others are processed. Exit 42. */
export class ShardError extends NightlightError<ShardErrorCode> {
  override name = "ShardError"
  readonly retryable = false
}

/** Whether a value is a Nightlight error with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === code
}
