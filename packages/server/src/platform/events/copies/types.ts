import { compact, DependencyError } from "@nightlight/core"

/** A checkpoint's line, as the custodian signed it, and where it stands. */
export interface CheckpointLine {
  readonly restarts: number
  readonly seq: number
  /** Without its newline. */
  readonly line: string
}

/** Somewhere outside that checkpoints are copied to. */
export interface CopyPlace {
  /** As `audit verify --checkpoints` names it; no secret. */
  readonly name: string
  /**
   * Puts one line there; again changes nothing.
   *
   * @returns A witness's receipt, JSON.
   * @throws {DependencyError} `unavailable`; `details.fault` is a {@link CopyFault}.
   */
  put(line: CheckpointLine, now: Date): Promise<string | undefined>
  /**
   * Reads every line that lies there.
   *
   * @throws {DependencyError} as {@link CopyPlace.put}.
   * @throws {IntegrityError} `audit_chain_broken` if what was put there was put there again, or taken away.
   */
  read(): Promise<readonly string[]>
}

/**
 * Why a copy was not made: nobody answers, the place refuses, it has other content under the name, it does not lock what
 * it took, its receipt is not one, the witness has a line that contradicts this one, or the credentials cannot be read.
 */
export type CopyFault =
  | "unreachable"
  | "refused"
  | "content-differs"
  | "not-locked"
  | "receipt-wrong"
  | "contradicted"
  | "credentials-unreadable"

/** Faults of a place that answers: somebody must look, and no patience mends it. */
export const GRAVE_FAULTS: ReadonlySet<string> = new Set<CopyFault>([
  "content-differs",
  "not-locked",
  "receipt-wrong",
  "contradicted",
])

/** Makes the error of a fault. */
export function copyFault(fault: CopyFault, status?: number): DependencyError {
  return new DependencyError("unavailable", "a copy of the log's checkpoints was not made", {
    details: compact({ fault, status }),
  })
}
