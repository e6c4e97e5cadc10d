/**
 * What every simulated exchange is: a handler without a transport, that can be told to fail.
 * @module
 */

/** A request of any transport. */
export interface SimulatedRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

/** The answer to a request. */
export interface SimulatedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** How the transport delivers it. */
  readonly delivery?: "whole" | "cut" | "never" | "endless"
}

/** A failure of the next calls; they have no effect. */
export interface SimulatedFault {
  /** Begin of the paths, without the base, that fail; all where absent. */
  readonly on?: string
  /** Calls that pass before; none by default. */
  readonly after?: number
  /** Calls in a row that fail; 1 by default. */
  readonly times?: number
  /** What is answered instead. `@` in the body stands for the path that was asked for. */
  readonly answer: SimulatedAnswer
}

/** One call that arrived. */
export interface SimulatedCall extends Pick<SimulatedRequest, "method" | "path"> {
  readonly status: number
  readonly body: string
}

/** A simulated exchange without a transport. */
export interface SimulatedExchange<Command = unknown> {
  /** Path of its base. */
  readonly basePath: string
  handle(request: SimulatedRequest): SimulatedAnswer
  /** Changes what it holds. */
  tell(command: Command): void
}

/** Answers requests, counts them, and fails where it was told to. */
export class FaultyExchange<Command = unknown> {
  readonly calls: SimulatedCall[] = []
  readonly #inner: SimulatedExchange<Command>
  readonly #clock: () => Date
  #faults: { readonly fault: SimulatedFault; wait: number; left: number }[] = []

  constructor(inner: SimulatedExchange<Command>, clock: () => Date) {
    this.#inner = inner
    this.#clock = clock
  }

  addFault(fault: SimulatedFault): void {
    this.#faults.push({ fault, wait: fault.after ?? 0, left: fault.times ?? 1 })
  }

  clearFaults(): void {
    this.#faults = []
  }

  tell(command: Command): void {
    this.#inner.tell(command)
  }

  handle(request: SimulatedRequest): SimulatedAnswer {
    const { basePath } = this.#inner
    const path = request.path.startsWith(`${basePath}/`) ? request.path.slice(basePath.length) : ""
    const fault = this.#takeFault(path)
    const answer =
      fault === undefined
        ? this.#inner.handle({ ...request, path })
        : { ...fault, body: fault.body.replaceAll("@", path.replaceAll("&", "&amp;")) }
    this.calls.push({
      method: request.method,
      path,
      status: answer.status,
      body: Buffer.from(request.body).toString("utf8"),
    })
    return { ...answer, headers: { date: this.#clock().toUTCString(), ...answer.headers } }
  }

  #takeFault(path: string): SimulatedAnswer | undefined {
    for (const armed of this.#faults) {
      if (!path.startsWith(armed.fault.on ?? "") || armed.wait-- > 0) continue
      if (--armed.left === 0) this.#faults = this.#faults.filter((other) => other !== armed)
      return armed.fault.answer
    }
    return undefined
  }
}
