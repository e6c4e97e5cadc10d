/**
 * The state of one walk over a body: what was collected, and in whose name the walk is speaking.
 * @module
 */

import { GuardRefusal } from "../errors.ts"
import type { Channel, Inspectable, RemoteRef, Role } from "./inspectable.ts"

/** What becomes of a field that no table knows: a request with one is refused, an answer loses it. */
export type UnknownFields = "refuse" | "drop"

/** One walk. Shapes read and write it. */
export class Walk {
  readonly items: Inspectable[] = []
  readonly refs: RemoteRef[] = []
  readonly unknownFields: UnknownFields
  role: Role
  choice = 0
  /** Overrides the channel of texts below, as within a tool's answer. */
  channel: Channel | undefined
  /** Fields that were dropped. */
  dropped = 0
  /** Pictures collected, links not counted. */
  pictures = 0

  constructor(unknownFields: UnknownFields, role: Role) {
    this.unknownFields = unknownFields
    this.role = role
  }

  /** Ends the walk: a request is the caller's fault, an answer the upstream's. */
  fail(what: string, path: string, code: "invalid_body" | "unsupported_parameter" = "invalid_body"): GuardRefusal {
    if (this.unknownFields === "drop")
      return new GuardRefusal("upstream_failed", "the upstream's answer is not of this API")
    return new GuardRefusal(code, path === "" ? what : `${what}: ${path}`, path === "" ? null : path)
  }
}
