/**
 * Calls of an exchange's service, with its refusals as errors.
 * @module
 */
import { compact, DependencyError, RequestError } from "@nightlight/core"
import { createOperatorEgress, type OperatorAnswer, type OperatorCall, type OperatorEgress } from "@nightlight/egress"
import type { FetchOptions } from "./exchange.ts"
import type { ExchangeSurroundings } from "./exchange-kind.ts"

/** A page of a thousand entries with votes is a few megabytes. */
const MAX_ANSWER_BYTES = 64 * 1_048_576
const TIMEOUT_MS = 120_000

/** An exchange's address and credentials. */
export interface ServiceOptions extends Pick<ExchangeSurroundings, "certificateAuthorities" | "timeoutMs"> {
  /** Name of the exchange's kind, for messages. */
  readonly exchange: string
  /** Scheme, host, port and the path below which all calls are made; without query. */
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
}

/** One exchange's service. */
export class ExchangeService {
  readonly #exchange: string
  readonly #egress: OperatorEgress
  readonly #basePath: string
  readonly #headers: Readonly<Record<string, string>>

  /** @throws {RequestError} `input_invalid` for a base that is not an address, or has a user, query or fragment. */
  constructor({ exchange, base, headers, timeoutMs = TIMEOUT_MS, certificateAuthorities }: ServiceOptions) {
    const url = URL.parse(base)
    if (url === null || url.username !== "" || url.password !== "" || /[?#]/.test(base)) {
      throw new RequestError("input_invalid", "an exchange's address is a URL without user, query and fragment")
    }
    this.#exchange = exchange
    this.#basePath = url.pathname.replace(/\/+$/, "")
    this.#headers = headers
    const entry = {
      origin: url.origin,
      region: "the exchange",
      contractReference: `membership of ${exchange}`,
      timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
    }
    this.#egress = createOperatorEgress(entry, compact({ certificateAuthorities, connections: 2 }))
  }

  /**
   * Makes one call below the base.
   *
   * @returns an answer of status 200 to 204.
   * @throws as `Exchange.fetch`, and {RequestError} `not_found` for 404 and 410.
   */
  async call({ path, ...call }: OperatorCall, { signal }: FetchOptions = {}): Promise<OperatorAnswer> {
    const answer = await this.#egress.call(
      { ...call, path: this.#basePath + path },
      compact({ headers: this.#headers, signal }),
    )
    const { status, retryAfterSeconds } = answer
    if (status >= 200 && status <= 204) return answer
    const details = compact({ exchange: this.#exchange, status, retryAfterSeconds })
    if (status === 401 || status === 403) {
      throw new RequestError("credentials_refused", "the exchange refuses the credentials", {
        details,
        hint: "See that user and password are those of this environment, and that the exchange knows this address.",
      })
    }
    if (status === 404 || status === 410) {
      throw new RequestError("not_found", "the exchange does not have this", { details })
    }
    if (status === 408 || status === 425 || status === 429 || status >= 500) {
      throw new DependencyError("unavailable", "the exchange does not answer for now", { details })
    }
    throw this.malformed("status", { status })
  }

  /** The error for an answer that is not usable. @param reason - What is wrong with it; never text from it. */
  malformed(reason: string, more: Readonly<Record<string, number>> = {}): DependencyError {
    return new DependencyError("answer_malformed", `the exchange's answer is not usable: ${reason}`, {
      details: { exchange: this.#exchange, reason, ...more },
    })
  }

  close(): Promise<void> {
    return this.#egress.close()
  }
}

/** The header for Basic authentication. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`
}
