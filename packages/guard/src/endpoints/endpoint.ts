/**
 * The port of every endpoint: one extractor for its requests, answers and streams.
 *
 * A folder of `endpoints/` holds `request.ts`, `answer.ts`, and `stream.ts` where the endpoint streams; `endpoint.ts`
 * combines them, and `table.ts` lists it. Tables of known fields are made with `inspect/shape.ts`.
 * @module
 */
import type { Inspectable, RemoteRef } from "../inspect/inspectable.ts"
import type { Payload } from "../inspect/payload.ts"
import type { Coverage, EndpointName } from "../inspect/surface.ts"
import type { StreamCodec } from "../stream/codec.ts"
import type { Dialect } from "./dialect.ts"

/** A parsed request. */
export interface ReadRequest {
  /** Every string and blob of it. Items of kind `ref` are also in {@link refs}. */
  readonly items: readonly Inspectable[]
  readonly refs: readonly RemoteRef[]
  readonly model: string
  /** Whether the answer comes as a stream of events. */
  readonly streamed: boolean
  /** The number of choices that were asked for; an answer has no more. */
  readonly choices: number
  /** Requested fields that are left out of every answer, such as `logprobs`; a header names them. */
  readonly leftOut?: readonly string[]
  /** Replaces the endpoint's path, where the route has a name in it. */
  readonly upstreamPath?: string
  /** Serialises exactly what was inspected; called after every {@link RemoteRef} was replaced by its content. */
  payload(): Payload
}

/** A parsed answer. */
export interface ReadAnswer {
  readonly items: readonly Inspectable[]
  readonly refs: readonly RemoteRef[]
  /** Number of fields that were left out. */
  readonly dropped: number
  /** Serialises exactly what was inspected. */
  payload(): Payload
  /**
   * The answer with all content withheld, in the API's own form: `finish_reason: "content_filter"`. Absent where the
   * API has no such form: then the call is refused like a blocked request.
   */
  withheld?(message: string): Payload
}

/** A request as it arrived. */
export interface RawRequest {
  /** Media type without parameters, lower case. */
  readonly contentType: string
  /** Whole content-type header, for a multipart boundary. */
  readonly contentTypeHeader: string
  readonly bytes: Uint8Array
  /** The value of the route's `:name`. */
  readonly name?: string
}

/** An endpoint that is forwarded to the upstream. */
export interface Endpoint {
  readonly name: EndpointName
  readonly method: "POST" | "GET"
  /** The guard's own route, such as `/v1/chat/completions`. */
  readonly route: string
  /** Path below the upstream's base URL, such as `/chat/completions`. */
  readonly upstreamPath: string
  readonly dialect: Dialect
  /** OpenTelemetry's `gen_ai.operation.name`; absent where it has none for this endpoint. */
  readonly operation?: string
  /** The content that passes through it; with the configured checks this decides which surfaces need a detector. */
  readonly surfaces: readonly Coverage[]
  /** Parses a request. @throws {GuardRefusal} for anything it does not know. */
  request(raw: RawRequest): ReadRequest
  /** Parses an answer. @throws {GuardRefusal} `upstream_failed` for one that is not of this API. */
  answer(bytes: Uint8Array, request: ReadRequest): ReadAnswer
  /** The codec of its streams; absent where it has none. */
  readonly stream?: (request: ReadRequest) => StreamCodec
}
