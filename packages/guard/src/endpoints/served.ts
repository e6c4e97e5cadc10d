/**
 * The port of endpoints that the guard answers itself: verdicts for callers that are gateways.
 * @module
 */
import type { Outcome } from "../engine/outcome.ts"
import type { Direction, Inspectable, RemoteRef } from "../inspect/inspectable.ts"
import type { Payload } from "../inspect/payload.ts"
import type { Coverage, EndpointName } from "../inspect/surface.ts"
import type { Dialect } from "./dialect.ts"
import type { RawRequest } from "./endpoint.ts"

/** A parsed request for a verdict. */
export interface ServedRequest {
  readonly items: readonly Inspectable[]
  readonly refs: readonly RemoteRef[]
  /** Whether it is the input to a model, or a model's output. */
  readonly direction: Direction
  /** The number of inputs that are judged apart; the `choice` of an item says which input it belongs to. */
  readonly inputs: number
}

/** An endpoint that the guard answers itself. */
export interface ServedEndpoint {
  readonly name: EndpointName
  readonly route: string
  readonly dialect: Dialect
  readonly surfaces: readonly Coverage[]
  /** Parses a request. @throws {GuardRefusal} for anything it does not know. */
  request(raw: RawRequest): ServedRequest
  /**
   * Writes the verdicts, one for each input, in the same form whatever matched.
   *
   * @param message - the operator's words for blocked content.
   */
  render(outcomes: readonly Outcome[], request: ServedRequest, message: string): Payload
}
