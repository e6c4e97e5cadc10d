/** Paths of the API, below its base. */
export const SIMULATED_PATHS = ["/status", "/xsd", "/submit", "/upload", "/fileinfo", "/finish", "/retract"] as const

/** A path of the API. */
export type SimulatedPath = (typeof SIMULATED_PATHS)[number]

/** How a call fails. The call takes effect unless the kind says otherwise. */
export type FaultKind =
  /** The call has no effect and is never answered. */
  | { readonly kind: "timeout-before" }
  /** The call is never answered. */
  | { readonly kind: "timeout-after-commit" }
  /** The call has no effect; the connection is cut. */
  | { readonly kind: "drop-before" }
  /** The connection is cut instead of an answer. */
  | { readonly kind: "drop-after-commit" }
  /** The call has no effect; the answer has this response code. */
  | { readonly kind: "code"; readonly code: number; readonly httpStatus?: number; readonly description?: string }
  /** The call has no effect; the answer is a status with a page that is not XML. */
  | { readonly kind: "http-status"; readonly httpStatus: number }
  /** The answer comes late. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** The call has no effect; the answer is a redirect. */
  | { readonly kind: "redirect"; readonly location: string }
  /** The answer has a DOCTYPE with an entity. */
  | { readonly kind: "doctype" }
  /** The answer never ends. */
  | { readonly kind: "endless-body" }
  /** The answer has another file's digest. */
  | { readonly kind: "wrong-md5" }
  /** The answer names other files than those that were uploaded. */
  | { readonly kind: "other-file-ids" }
  /** The answer says success with HTTP 500. */
  | { readonly kind: "code0-http500" }
  /** The answer breaks off in the middle. */
  | { readonly kind: "malformed-xml" }

/** A fault and when it occurs. */
export type Fault = FaultKind & {
  readonly on: SimulatedPath
  /** 1 is the next matching call, and the default. */
  readonly nth?: number
  /** Number of calls in a row; 1 by default. */
  readonly times?: number
}

interface Armed {
  readonly fault: Fault
  callsToGo: number
  strikesLeft: number
}

/** Faults waiting for their calls. */
export class FaultQueue {
  #armed: Armed[] = []

  add(fault: Fault): void {
    this.#armed.push({ fault, callsToGo: fault.nth ?? 1, strikesLeft: fault.times ?? 1 })
  }

  clear(): void {
    this.#armed = []
  }

  /** Counts a call, and returns its fault: of several, the one that was added first. */
  take(path: string): Fault | undefined {
    let striking: Armed | undefined
    for (const armed of this.#armed) {
      if (armed.fault.on !== path) continue
      armed.callsToGo--
      if (armed.callsToGo <= 0) striking ??= armed
    }
    if (striking === undefined) return undefined
    striking.strikesLeft--
    if (striking.strikesLeft === 0) this.#armed = this.#armed.filter((armed) => armed !== striking)
    return striking.fault
  }
}
