/**
 * What all classifiers share.
 * @module
 */
import type { Coverage } from "../../inspect/surface.ts"
import type { Check } from "../check.ts"
import type { PieceLimits } from "./pieces.ts"
import type { RemoteService } from "./remote/service.ts"

/** What every factory of a classifier takes. */
export interface ClassifierOptions {
  readonly name: string
  readonly service: RemoteService
  /** On the service's origin, such as `/v1/moderations`. */
  readonly path: string
  readonly directions: Coverage["directions"]
  readonly deadlineMs: number
  /** Until when a failure passes, ISO 8601: an exception by two people. Absent: it never does. */
  readonly openUntil?: string
  readonly pieces?: Partial<PieceLimits>
  /** Questions at once for one exchange, 4 by default. */
  readonly atOnce?: number
}

const PIECES: PieceLimits = { maxChars: 12_000, overlapChars: 200, maxPieces: 64 }

/** Makes a check of what looks at items. */
export function classifier(options: ClassifierOptions, media: Coverage["media"], run: Check["run"]): Check {
  const { name, service, directions, deadlineMs, openUntil } = options
  return {
    name,
    kind: "classifier",
    coverage: { directions, media },
    deadlineMs,
    failureMode: openUntil === undefined ? "closed" : "open",
    ...(openUntil !== undefined && { openUntil }),
    overlapChars: limitsOf(options).overlapChars,
    run,
    ready: () => service.ready(),
    close: () => service.close(),
  }
}

/** The limits in force. */
export function limitsOf({ pieces }: ClassifierOptions): PieceLimits {
  return { ...PIECES, ...pieces }
}
