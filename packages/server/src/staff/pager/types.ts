import type { PagerCallState, PagerCode } from "../../platform/db/tables/staff.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"

/** How a person is called. Both ways may be set; then both are used. */
export interface PagerConfig {
  /** Takes a POST of `{"code": "imminent-danger", "subject": "case-<uuid>", "at": "<ISO 8601>"}`, or of a code that
   * begins with `custodian-` and the subject `installation`; any 2xx is success. */
  readonly webhook?: {
    /** `https://…`, or `http://` on loopback. */
    readonly url: string
  }
  /** A program and its arguments; code and id are added to them. Status 0 is success. */
  readonly command?: readonly [string, ...string[]]
  /** Whom people telephone where no pager takes a call. */
  readonly contact?: OnCallContact
}

/** Somebody who is reached by telephone. */
export interface OnCallContact {
  readonly name: string
  readonly telephone: string
}

/** A call of a person. */
export interface PagerCall {
  /** `call-<uuid>`. */
  readonly callId: string
  readonly state: PagerCallState
  /** Id of the case, or `installation`. */
  readonly subject: string
  readonly at: Date
  readonly tries: number
  /** Why a pager did not take it the last time that one did not: a code of ours. */
  readonly fault: string | undefined
  readonly takenAt: Date | undefined
}

/** Calls a person at once, wherever they are. */
export interface PagerPort {
  /** Whether anybody can be called, and whom to telephone besides or instead. */
  readonly onCall: { readonly isSet: boolean; readonly contact: OnCallContact | undefined }
  /** Has a person called when the change is committed; where no pager is set up, notes that nobody was. */
  page(tx: EventTransaction, call: { readonly code: PagerCode; readonly subject: string }): Promise<void>
  /** What became of the last call about a case; `undefined` where there was none. */
  callAbout(subject: string): Promise<PagerCall | undefined>
}
