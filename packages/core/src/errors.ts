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
  | "input_invalid"
  | "not_found"
  | "state_conflict"
  | "forbidden"
  | "config_invalid"
  | "workspace_missing"
  | "workspace_exists"
  | "list_malformed"
  | "list_unknown"
  | "policy_invalid"
  | "passphrase_wrong"
  | "passphrase_missing"
  | "key_malformed"
  | "output_conflict"

/** The caller asked for something that cannot be done: exit 2, HTTP 4xx. Never retried. */
export class RequestError extends NightlightError<RequestErrorCode> {
  override name = "RequestError"
  readonly retryable = false
}

/** What the world around us can refuse. */
export type DependencyErrorCode =
  | "unavailable"
  | "timed_out"
  | "answer_malformed"
  | "disk_full"
  | "source_changed"
  | "source_unreadable"
  | "write_failed"
  | "locked"
  | "decoder_unavailable"

/** Something we depend on failed: disk, source, child process, network. Exit 10; jobs retry. */
export class DependencyError extends NightlightError<DependencyErrorCode> {
  override name = "DependencyError"
  readonly retryable = true
}

/** What must hold and does not. */
export type IntegrityErrorCode =
  | "audit_chain_broken"
  | "evidence_digest_mismatch"
  | "key_unusable"
  | "manifest_untrusted"
  | "snapshot_untrusted"
  | "index_untrusted"
  | "index_older"
  | "test_card_missed"
  | "receipt_untrusted"

/** Evidence, audit log, list, index or configuration is not what it must be: work stops. Exit 4. */
export class IntegrityError extends NightlightError<IntegrityErrorCode> {
  override name = "IntegrityError"
  readonly retryable = false
}

/** Why one shard cannot be read at all. */
export type ShardErrorCode = "shard_malformed" | "shard_bomb" | "shard_unsafe" | "shard_limit"

/** A shard whose structure is broken or hostile: it is set aside, the others go on. Exit 42. */
export class ShardError extends NightlightError<ShardErrorCode> {
  override name = "ShardError"
  readonly retryable = false
}

/** Whether an unknown throw is one of ours with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === code
}
