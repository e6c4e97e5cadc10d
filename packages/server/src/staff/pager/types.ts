import type { PagerCallState, PagerCode } from "../../platform/db/tables/staff.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"

/** How a person is paged. If both ways are configured, both are used. */
export interface PagerConfig {
  /**
   * Receives a POST of `{"code": "imminent-danger", "subject": "case-<uuid>", "at": "<ISO 8601>"}`, or of a code that
   * begins with `custodian-` and the subject `installation`; any 2xx is success.
   */
  readonly webhook?: {
    /** `https://…`, or `http://` on loopback. */
    readonly url: string
  }
  /** A program and its arguments; code and id are appended to them. Status 0 is success. */
  readonly command?: readonly [string, ...string[]]
  /** Whom to telephone if no pager accepts a call. */
  readonly contact?: OnCallContact
}

/** A person to telephone. */
export interface OnCallContact {
  readonly name: string
  readonly telephone: string
}

/** A call of the pager about one subject, with its tries. */
export interface PagerCall {
  /** `call-<uuid>`. */
  readonly callId: string
  readonly state: PagerCallState
  /** Id of the case, or `installation`. */
  readonly subject: string
  readonly at: Date
  readonly tries: number
  /** Code of the last failure of a pager. */
  readonly fault: string | undefined
  readonly acceptedAt: Date | undefined
}

/** Has a person paged by the configured webhook or command. */
export interface PagerPort {
  /** Whether anybody can be paged, and whom to telephone as well or instead. */
  readonly onCall: { readonly isSet: boolean; readonly contact: OnCallContact | undefined }
  /** Has a person paged when the transaction commits; if no pager is set up, records that nobody was. */
  page(tx: EventTransaction, call: { readonly code: PagerCode; readonly subject: string }): Promise<void>
  /** State of the last call about a case; `undefined` if there was none. */
  callAbout(subject: string): Promise<PagerCall | undefined>
}
