import { randomUUID } from "node:crypto"
import type { Credentials } from "../client/client.ts"
import type { CybertiplineEnvironment } from "../client/hosts.ts"
import { compact } from "../compact.ts"
import { DEFAULT_SCHEMA_VERSION, type SchemaVersion } from "../version.ts"
import { bare, type SimulatedAnswer } from "./answers.ts"
import { answerInstead, applyFault, isPreventing } from "./apply-fault.ts"
import { type Fault, FaultQueue, SIMULATED_PATHS, type SimulatedPath } from "./faults.ts"
import { HANDLERS, type SimulatedRequest } from "./handlers.ts"
import { ReportStore, type SimulatedReport } from "./state.ts"

/** Options of a simulated service. */
export interface SimulatorOptions {
  readonly credentials: Credentials
  /** A label of its state; each environment has its own credentials, so start one simulator for each. */
  readonly environment?: CybertiplineEnvironment
  readonly schemaVersion?: SchemaVersion
  /** The system's clock by default. */
  readonly clock?: () => Date
  readonly faults?: readonly Fault[]
  /** Id of the first report; the next ones count up. 400000001 by default. */
  readonly firstReportId?: number
}

/** One request that reached the service. */
export interface SimulatedCall {
  readonly method: string
  readonly path: string
  readonly at: string
  readonly requestId: string
  readonly fault?: Fault["kind"]
  /** Absent while the request is in progress, and if its sender disconnected. */
  readonly httpStatus?: number
}

/** Everything the service knows. */
export interface SimulatorState {
  readonly environment: CybertiplineEnvironment
  readonly reports: readonly SimulatedReport[]
  /** Oldest first. */
  readonly calls: readonly SimulatedCall[]
}

/** The service without a transport. */
export interface SimulatorCore {
  /** Answers a request of any transport. */
  handle(request: SimulatedRequest): Promise<SimulatedAnswer>
  state(): SimulatorState
  addFault(fault: Fault): void
  clearFaults(): void
  /** Puts the service's clock forward, in addition to the given clock. */
  advanceClock(byMs: number): void
}

/** Makes a service that keeps its state in memory; of files it keeps only digests and sizes. */
export function createSimulator(options: SimulatorOptions): SimulatorCore {
  return new Service(options)
}

class Service implements SimulatorCore {
  readonly #authorization: string
  readonly #options: SimulatorOptions
  readonly #faults = new FaultQueue()
  readonly #calls: SimulatedCall[] = []
  readonly #reports: ReportStore
  #offsetMs = 0

  constructor(options: SimulatorOptions) {
    const { username, password } = options.credentials
    this.#authorization = `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`
    this.#options = options
    this.#reports = new ReportStore(this.#now, options.firstReportId)
    for (const fault of options.faults ?? []) this.#faults.add(fault)
  }

  readonly #now = () => new Date((this.#options.clock?.() ?? new Date()).getTime() + this.#offsetMs)

  async handle(request: SimulatedRequest): Promise<SimulatedAnswer> {
    const requestId = randomUUID()
    const fault = this.#faults.take(request.path)
    const index = this.#calls.length
    const call: SimulatedCall = compact({
      method: request.method,
      path: request.path,
      at: this.#now().toISOString(),
      requestId,
      fault: fault?.kind,
    })
    this.#calls.push(call)
    const answer = await this.#answer(request, fault)
    this.#calls[index] = { ...call, httpStatus: answer.httpStatus }
    return { ...answer, headers: { ...answer.headers, "request-id": requestId } }
  }

  async #answer(request: SimulatedRequest, fault: Fault | undefined): Promise<SimulatedAnswer> {
    if (fault !== undefined && isPreventing(fault)) return answerInstead(fault, request)
    const answer = await this.#serve(request)
    return fault === undefined ? answer : applyFault(fault, answer)
  }

  #serve(request: SimulatedRequest): SimulatedAnswer | Promise<SimulatedAnswer> {
    if (request.headers["authorization"] !== this.#authorization) {
      return bare(401, { "www-authenticate": 'Basic realm="ispws"' })
    }
    if (!isPath(request.path)) return bare(404)
    const { method, handler } = HANDLERS[request.path]
    if (request.method !== method) return bare(405, { allow: method })
    return handler(request, {
      reports: this.#reports,
      username: this.#options.credentials.username,
      version: this.#options.schemaVersion ?? DEFAULT_SCHEMA_VERSION,
      now: this.#now,
    })
  }

  state(): SimulatorState {
    const environment = this.#options.environment ?? "test"
    return { environment, reports: this.#reports.all(), calls: [...this.#calls] }
  }

  addFault(fault: Fault): void {
    this.#faults.add(fault)
  }

  clearFaults(): void {
    this.#faults.clear()
  }

  advanceClock(byMs: number): void {
    this.#offsetMs += byMs
  }
}

function isPath(path: string): path is SimulatedPath {
  return (SIMULATED_PATHS as readonly string[]).includes(path)
}
