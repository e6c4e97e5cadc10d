/**
 * One exchange: its caller, end user, configuration and deadline.
 * @module
 */

import { randomUUID } from "node:crypto"
import { compact } from "@nightlight/core"
import type { AccountRecord, Caller, EndUser } from "../accounts/caller.ts"
import type { ExchangeSpan } from "../admin/telemetry.ts"
import { messageFor } from "../answers/messages.ts"
import type { CheckContext } from "../checks/check.ts"
import type { Dialect } from "../endpoints/dialect.ts"
import { GuardRefusal } from "../errors.ts"
import type { Direction } from "../inspect/inspectable.ts"
import type { EndpointName } from "../inspect/surface.ts"
import type { Admission } from "../running/admission.ts"
import type { Running, Services } from "../running/running.ts"
import type { CallHeaders } from "../upstream/headers.ts"

/** An exchange in progress. */
export interface Exchange {
  /** `exchange-` and a UUID; sent back as `x-request-id`. */
  readonly id: string
  readonly endpoint: EndpointName
  readonly caller: Caller
  readonly user?: EndUser
  readonly accountRecord?: AccountRecord
  /** Keyed digest of a call that names an end user. */
  readonly callDigest?: string
  readonly running: Running
  readonly services: Services
  /** Aborts when the caller is gone. */
  readonly signal: AbortSignal
  /** The message that the caller reads when something is blocked. */
  readonly message: string
  /** `performance.now()` at its start. */
  readonly startedAt: number
  readonly span: ExchangeSpan
}

/** A call as it arrived. */
export interface Call {
  readonly endpoint: { readonly name: EndpointName; readonly dialect: Dialect }
  readonly headers: CallHeaders
  readonly running: Running
  readonly services: Services
  readonly signal: AbortSignal
  readonly span: ExchangeSpan
}

/** An id for an exchange. */
export function exchangeId(): string {
  return `exchange-${randomUUID()}`
}

/**
 * Opens an exchange: checks the key, its limit, the end user, and whether the guard may work at all. Synchronous,
 * unless another process is asked.
 *
 * @throws {GuardRefusal}
 */
export function openExchange(id: string, call: Call): Exchange | Promise<Exchange> {
  const { endpoint, headers, running, services } = call
  const caller = running.keys.callerOf(endpoint.dialect.keyOf(headers))
  const admitted = services.admit({ endpoint: endpoint.name, headers, caller }, running)
  if (admitted instanceof Promise) return admitted.then((admission) => toExchange(id, call, caller, admission))
  return toExchange(id, call, caller, admitted)
}

function toExchange(id: string, call: Call, caller: Caller, { account, isOpen }: Admission): Exchange {
  const { endpoint, headers, running, services, signal, span } = call
  const exchange: Exchange = {
    id,
    endpoint: endpoint.name,
    caller,
    ...compact({ user: account?.user, accountRecord: account?.record, callDigest: account?.call }),
    running,
    services,
    signal,
    message: messageFor(running.setup.messages, headers["accept-language"]),
    startedAt: performance.now(),
    span,
  }
  if (!isOpen) throw unavailable(exchange)
  return exchange
}

/** Context of an answer that its checks get beside the answer. */
export type AnswerContext = Pick<CheckContext, "model" | "requestItems">

/** The context that the checks of an exchange get. */
export function contextOf(
  { id, endpoint, caller, accountRecord }: Exchange,
  direction: Direction,
  about: AnswerContext = {},
): CheckContext {
  return {
    ...about,
    exchange: id,
    endpoint,
    direction,
    caller,
    ...compact({ account: accountRecord }),
  }
}

/** The one refusal for blocked content, whatever was found. */
export function blocked({ message }: Exchange): GuardRefusal {
  return new GuardRefusal("content_filter", message)
}

/** The refusal where a required check did not answer: an untrusted caller sees a block. */
export function unavailable(exchange: Exchange): GuardRefusal {
  if (!exchange.caller.trusted) return blocked(exchange)
  return new GuardRefusal("service_unavailable", "a check is unavailable: try again later")
}
