/**
 * The state of one walk over a body: the collected parts, and the current role and channel.
 * @module
 */

import { GuardRefusal } from "../errors.ts"
import type { Channel, Inspectable, RemoteRef, Role } from "./inspectable.ts"

/** Handling of unknown fields: a request with one is refused, an answer loses it. */
export type UnknownFields = "refuse" | "drop"

/** One walk. Shapes read and write it. */
export class Walk {
  readonly items: Inspectable[] = []
  readonly refs: RemoteRef[] = []
  readonly unknownFields: UnknownFields
  role: Role
  choice = 0
  /** Overrides the channel of the texts below, as within a tool's answer. */
  channel: Channel | undefined
  /** Number of fields that were dropped. */
  dropped = 0
  /** Pictures collected, not counting links. */
  pictures = 0

  constructor(unknownFields: UnknownFields, role: Role) {
    this.unknownFields = unknownFields
    this.role = role
  }

  /** Ends the walk: a faulty request is the caller's fault, a faulty answer the upstream's. */
  fail(what: string, path: string, code: "invalid_body" | "unsupported_parameter" = "invalid_body"): GuardRefusal {
    if (this.unknownFields === "drop")
      return new GuardRefusal("upstream_failed", "the upstream's answer is not of this API")
    return new GuardRefusal(code, path === "" ? what : `${what}: ${path}`, path === "" ? null : path)
  }
}
