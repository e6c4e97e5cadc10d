/**
 * The port of endpoints that the guard answers itself: verdicts for callers that are gateways of their own.
 * @module
 */
import type { Outcome } from "../engine/outcome.ts"
import type { Direction, Inspectable, RemoteRef } from "../inspect/inspectable.ts"
import type { Payload } from "../inspect/payload.ts"
import type { Coverage, EndpointName } from "../inspect/surface.ts"
import type { Dialect } from "./dialect.ts"
import type { RawRequest } from "./endpoint.ts"

/** What is to be judged. */
export interface ServedRequest {
  readonly items: readonly Inspectable[]
  readonly refs: readonly RemoteRef[]
  /** Whether it is somebody's input to a model, or a model's output. */
  readonly direction: Direction
  /** Several inputs judged apart: how many, and which one an item belongs to is its `choice`. */
  readonly inputs: number
}

/** An endpoint that is answered here. */
export interface ServedEndpoint {
  readonly name: EndpointName
  readonly route: string
  readonly dialect: Dialect
  readonly surfaces: readonly Coverage[]
  /** Takes a request apart. @throws {GuardRefusal} for anything it does not know. */
  request(raw: RawRequest): ServedRequest
  /**
   * Shapes the verdicts, one for each input: the same form whatever matched.
   *
   * @param message - the operator's words for what was blocked.
   */
  render(outcomes: readonly Outcome[], request: ServedRequest, message: string): Payload
}
