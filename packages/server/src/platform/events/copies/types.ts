import { compact, DependencyError } from "@nightlight/core"

/** A checkpoint's line, as the custodian signed it, and its position. */
export interface CheckpointLine {
  readonly restarts: number
  readonly seq: number
  /** Without its newline. */
  readonly line: string
}

/** An external place that checkpoints are copied to. */
export interface CopyPlace {
  /** Its name for `audit verify --checkpoints`; not secret. */
  readonly name: string
  /**
   * Puts one line there; a second time changes nothing.
   *
   * @returns A witness's receipt, JSON.
   * @throws {DependencyError} `unavailable`; `details.fault` is a {@link CopyFault}.
   */
  put(line: CheckpointLine, now: Date): Promise<string | undefined>
  /**
   * Reads every line there.
   *
   * @throws {DependencyError} as {@link CopyPlace.put}.
   * @throws {IntegrityError} `audit_chain_broken` if a copied line was overwritten or deleted.
   */
  read(): Promise<readonly string[]>
}

/**
 * Why a copy was not made: the place does not answer, refuses, has other content under the name, does not lock the
 * copy, or sends an invalid receipt; the witness has a line that contradicts this one; or the credentials cannot be
 * read.
 */
export type CopyFault =
  | "unreachable"
  | "refused"
  | "content-differs"
  | "not-locked"
  | "receipt-wrong"
  | "contradicted"
  | "credentials-unreadable"

/** Faults of a place that answers: retrying does not help, and a person must act. */
export const GRAVE_FAULTS: ReadonlySet<string> = new Set<CopyFault>([
  "content-differs",
  "not-locked",
  "receipt-wrong",
  "contradicted",
])

/** Makes the error of a fault: `unavailable`, with `details.fault` and the HTTP status. */
export function copyFault(fault: CopyFault, status?: number): DependencyError {
  return new DependencyError("unavailable", "a copy of the log's checkpoints was not made", {
    details: compact({ fault, status }),
  })
}
