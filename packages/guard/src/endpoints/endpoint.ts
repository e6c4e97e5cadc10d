/**
 * The port of every endpoint: one extractor for its requests, answers and streams.
 *
 * A folder of `endpoints/` holds `request.ts`, `answer.ts`, and where it streams `stream.ts`; `endpoint.ts` puts them
 * together, and `table.ts` lists it. Tables of known fields are made with `inspect/shape.ts`.
 * @module
 */
import type { Inspectable, RemoteRef } from "../inspect/inspectable.ts"
import type { Payload } from "../inspect/payload.ts"
import type { Coverage, EndpointName } from "../inspect/surface.ts"
import type { StreamCodec } from "../stream/codec.ts"
import type { Dialect } from "./dialect.ts"

/** A request, taken apart. */
export interface ReadRequest {
  /** Every string and blob of it. Those that are `ref` are also in {@link refs}. */
  readonly items: readonly Inspectable[]
  readonly refs: readonly RemoteRef[]
  readonly model: string
  /** Whether the answer comes as a stream of events. */
  readonly streamed: boolean
  /** How many choices were asked for: an answer has no more. */
  readonly choices: number
  /** Names of what was asked for and is left out of every answer, such as `logprobs`; told in a header. */
  readonly leftOut?: readonly string[]
  /** Takes the place of the endpoint's, where the route names something. */
  readonly upstreamPath?: string
  /** Serialises exactly what was inspected; called after every {@link RemoteRef} was put in its place. */
  payload(): Payload
}

/** An answer, taken apart. */
export interface ReadAnswer {
  readonly items: readonly Inspectable[]
  readonly refs: readonly RemoteRef[]
  /** Fields of it that were left out. */
  readonly dropped: number
  /** Serialises exactly what was inspected. */
  payload(): Payload
  /**
   * The answer with everything withheld, as the API says that a filter did it: `finish_reason: "content_filter"`.
   * Absent where the API has no such form: then the call is refused like a blocked request.
   */
  withheld?(message: string): Payload
}

/** What a request came as. */
export interface RawRequest {
  /** Media type without parameters, lower case. */
  readonly contentType: string
  /** Whole content-type header, for a multipart boundary. */
  readonly contentTypeHeader: string
  readonly bytes: Uint8Array
  /** What the route names by `:name`. */
  readonly name?: string
}

/** An endpoint that is forwarded to the upstream. */
export interface Endpoint {
  readonly name: EndpointName
  readonly method: "POST" | "GET"
  /** Route here, such as `/v1/chat/completions`. */
  readonly route: string
  /** Path below the upstream's base URL, such as `/chat/completions`. */
  readonly upstreamPath: string
  readonly dialect: Dialect
  /** OpenTelemetry's `gen_ai.operation.name`; absent where it has none for this endpoint. */
  readonly operation?: string
  /** What passes through it: with the configuration's checks this says which surfaces need a detector. */
  readonly surfaces: readonly Coverage[]
  /** Takes a request apart. @throws {GuardRefusal} for anything it does not know. */
  request(raw: RawRequest): ReadRequest
  /** Takes an answer apart. @throws {GuardRefusal} `upstream_failed` for one that is not of this API. */
  answer(bytes: Uint8Array, request: ReadRequest): ReadAnswer
  /** How its streams are read and written; absent where it has none. */
  readonly stream?: (request: ReadRequest) => StreamCodec
}
