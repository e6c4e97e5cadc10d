/**
 * The error family of the services.
 *
 * A message may be shown to operators and kept in logs for years, so it names things by id, code, count or
 * line number only. What an operator typed (a path, a list's name) may be repeated to that operator; an item's
 * name, URL, caption, prompt or hash never.
 * @module
 */

/** Options every {@link NightlightError} takes. */
export interface NightlightErrorOptions extends ErrorOptions {
  /** Ids and counts that help an operator; safe to log and to send. */
  readonly details?: Readonly<Record<string, string | number | boolean>>
  /** What the reader can do now, one sentence: shown below the message. */
  readonly hint?: string
}

/** Base of every error that the services throw on purpose. */
export abstract class NightlightError<Code extends string = string> extends Error {
  /** Stable, documented in docs/reference/errors.md; match on this, not on the message. */
  readonly code: Code
  readonly details: Readonly<Record<string, string | number | boolean>>
  readonly hint: string | undefined
  /** Whether the same call may succeed later with nothing changed. */
  abstract readonly retryable: boolean

  constructor(code: Code, message: string, options: NightlightErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.details = options.details ?? {}
    this.hint = options.hint
  }
}

/** What a caller can get wrong. */
export type RequestErrorCode =
  /** An argument, option or value does not have the form it must have. */
  | "input_invalid"
  /** What was named is not there. */
  | "not_found"
  /** What was asked for does not fit what is there already, such as a scan whose input changed meanwhile. */
  | "state_conflict"
  /** The act is not this caller's, or needs a recorded basis or a second person. */
  | "forbidden"
  /** `nightlight.yaml` has an unknown key, a wrong value or is not YAML. */
  | "config_invalid"
  /** The folder is not a workspace: `nightlight init` makes one. */
  | "workspace_missing"
  /** The folder is a workspace already; nothing was changed. */
  | "workspace_exists"
  /** A hash list is in no known format, or holds no usable line. */
  | "list_malformed"
  /** No hash list of that name was imported. */
  | "list_unknown"
  /** A policy does not load: syntax, an unknown name, a type or a limit. */
  | "policy_invalid"
  /** The passphrase does not open the key. */
  | "passphrase_wrong"
  /** A passphrase is needed and none was given; `NIGHTLIGHT_PASSPHRASE` gives one without a terminal. */
  | "passphrase_missing"
  /** A recipient or a private key is not one. */
  | "key_malformed"
  /** The output folder holds something else, or lies inside the dataset or the workspace. */
  | "output_conflict"
  /** The call carries no valid session or key. */
  | "unauthenticated"
  /** The session must be proven again before this act: password and code, or single sign-on. */
  | "step_up_required"
  /** Somebody else must do this part: two people, and the second not made by the first. */
  | "second_person_required"
  /** The reviewer's exposure budget for now is spent; deciding without looking stays possible. */
  | "budget_reached"
  /** More calls than allowed in this time. */
  | "too_many_requests"
  /** The body is larger than this route takes. */
  | "body_too_large"
  /** An address from content or a peer is not one that is called: its form, its port, or it is not public. */
  | "address_refused"
  /** What was fetched is larger than its limit. */
  | "too_large"

/** The caller asked for something that cannot be done: exit 2, HTTP 4xx. Never retried. */
export class RequestError extends NightlightError<RequestErrorCode> {
  override name = "RequestError"
  readonly retryable = false
}

/** What the world around us can refuse. */
export type DependencyErrorCode =
  /** Something outside does not answer. */
  | "unavailable"
  /** Something outside took longer than its limit. */
  | "timed_out"
  /** Something outside answered what cannot be understood. */
  | "answer_malformed"
  /** There is no space left; what was written so far is whole. */
  | "disk_full"
  /** A file of the dataset changed while it was read. */
  | "source_changed"
  /** A file cannot be read to its end. */
  | "source_unreadable"
  /** A file cannot be written. */
  | "write_failed"
  /** Another process works on the same folder. */
  | "locked"
  /** The decoder cannot be started, or stops at once each time. */
  | "decoder_unavailable"
  /** This system isolates no decoder, and nobody has accepted that by name in the configuration. */
  | "decoder_not_isolated"

/** Something we depend on failed: disk, source, child process, network. Exit 10; jobs retry. */
export class DependencyError extends NightlightError<DependencyErrorCode> {
  override name = "DependencyError"
  readonly retryable = true
}

/** What must hold and does not. */
export type IntegrityErrorCode =
  /** An event of the audit log was altered, removed or added. */
  | "audit_chain_broken"
  /** Sealed evidence, or content about to be sealed, is not what its digest says. */
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
  /** A backup is not what the trusted key signed, or its database holds what no migration made. */
  | "backup_untrusted"
  /** A receipt, or what it speaks for, is not what this workspace signed. */
  | "receipt_untrusted"
  /** A row of the database that gives power was written, changed or put back by somebody without the service's key. */
  | "row_untrusted"

/** Evidence, audit log, list, index or configuration is not what it must be: work stops. Exit 4. */
export class IntegrityError extends NightlightError<IntegrityErrorCode> {
  override name = "IntegrityError"
  readonly retryable = false
}

/** Why one shard cannot be read at all. */
export type ShardErrorCode =
  /** It is not the archive it must be, is damaged or is cut short. */
  | "shard_malformed"
  /** It would inflate beyond every limit, or its entries overlap. */
  | "shard_bomb"
  /** A member names a place outside, is a link or a device, or would be read differently by other tools. */
  | "shard_unsafe"
  /** It has more members, depth or header than a dataset needs. */
  | "shard_limit"

/** A shard whose structure is broken or hostile: it is set aside, the others go on. Exit 42. */
export class ShardError extends NightlightError<ShardErrorCode> {
  override name = "ShardError"
  readonly retryable = false
}

/** Whether an unknown throw is one of ours with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === code
}
