/**
 * Calls a custodian through its socket: for the host's commands, which prove themselves by the passphrase.
 * @module
 */
import { request } from "node:http"
import {
  CheckpointAnswer,
  type CustodianRole,
  CustodianState,
  Enrolments,
  InviteAnswer,
  type ProvenRestart,
  RewrapAllowed,
  RewrapAnswer,
} from "@nightlight/contract/custodian"
import { compact, DependencyError, IntegrityError, isolationHint, RequestError } from "@nightlight/core"
import { socketPath } from "./socket-path.ts"

/** Calls for the host. */
export interface CustodianClient {
  state(): Promise<CustodianState>
  /** @param acceptConfig - Whether to accept a configuration that was changed. */
  unlock(passphrase: string, acceptConfig?: boolean): Promise<CustodianState>
  enrolments(): Promise<Enrolments>
  /** @returns The one-time code, which only the person may receive. */
  invite(
    passphrase: string,
    person: string,
    roles: readonly CustodianRole[],
  ): Promise<{ code: string; expiresAt: string }>
  revoke(passphrase: string, person: string): Promise<Enrolments>
  /** Lets checkpoints continue from another event. @returns The line of the restart. */
  restartCheckpoints(passphrase: string, proven: ProvenRestart): Promise<string>
  /**
   * Permits new headers for these recipients, `age1...`, in the manifest's order.
   *
   * @param accept - Digest of the set, if it is not the last accepted one: in `details.accept` of the refusal.
   */
  allowRewraps(passphrase: string, recipients: readonly string[], accept?: string): Promise<RewrapAllowed>
  /** Makes the new header of a piece of evidence. */
  rewrapHeader(evidenceId: string): Promise<RewrapAnswer>
}

/** Status and body of an answer. */
export interface CustodianResponse {
  readonly status: number
  /** Parsed JSON; `undefined` if the body was empty. */
  readonly body: unknown
}

const NOT_RUNNING = "It runs with the installation: nightlight up."
const MAX_ANSWER_BYTES = 512 * 1024 * 1024

/**
 * Makes a client; connects with each call.
 *
 * Every call throws `RequestError` with the custodian's own code if it refuses, and `DependencyError` `unavailable` if
 * nobody answers.
 */
export function createCustodianClient(socket: string): CustodianClient {
  const ask = async (method: "GET" | "POST", path: string, body?: unknown) => {
    const answer = await askCustodian(socket, { method, path, body })
    if (answer.status < 300) return answer.body
    throw toError(answer)
  }
  return {
    state: async () => CustodianState.parse(await ask("GET", "/v1/state")),
    unlock: async (passphrase, acceptConfig = false) =>
      CustodianState.parse(await ask("POST", "/v1/unlock", { passphrase, acceptConfig })),
    enrolments: async () => Enrolments.parse(await ask("GET", "/v1/enrolments")),
    invite: async (passphrase, person, roles) =>
      InviteAnswer.parse(await ask("POST", "/v1/enrolments", { passphrase, person, roles })),
    revoke: async (passphrase, person) =>
      Enrolments.parse(await ask("POST", "/v1/enrolments/revoke", { passphrase, person })),
    restartCheckpoints: async (passphrase, proven) =>
      CheckpointAnswer.parse(await ask("POST", "/v1/checkpoints/restart", { passphrase, ...proven })).line,
    allowRewraps: async (passphrase, recipients, accept) =>
      RewrapAllowed.parse(await ask("POST", "/v1/rewraps", { passphrase, recipients, ...compact({ accept }) })),
    rewrapHeader: async (evidenceId) => RewrapAnswer.parse(await ask("POST", "/v1/rewraps/header", { evidenceId })),
  }
}

/**
 * Sends one request.
 *
 * @throws {DependencyError} `unavailable` if nobody answers; `answer_malformed` if the answer is not JSON.
 */
export function askCustodian(
  socket: string,
  { method, path, body }: { readonly method: "GET" | "POST"; readonly path: string; readonly body?: unknown },
): Promise<CustodianResponse> {
  return new Promise((resolve, reject) => {
    const fail = () =>
      reject(new DependencyError("unavailable", "the custodian does not answer", { hint: NOT_RUNNING }))
    const headers = compact({ "content-type": body === undefined ? undefined : "application/json" })
    const sent = request({ socketPath: socketPath(socket) ?? socket, method, path, headers }, (response) => {
      const parts: Buffer[] = []
      let sizeBytes = 0
      response.on("data", (part: Buffer) => {
        sizeBytes += part.length
        if (sizeBytes > MAX_ANSWER_BYTES) response.destroy()
        else parts.push(part)
      })
      response.on("error", fail)
      response.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8")
        try {
          resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) })
        } catch {
          reject(new DependencyError("answer_malformed", "the custodian's answer is not JSON"))
        }
      })
    })
    sent.on("error", fail)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

const REFUSALS = ["input_invalid", "forbidden", "not_found", "state_conflict", "passphrase_wrong"] as const

function toError({ status, body }: CustodianResponse): Error {
  const { type, title, reason, accept } = (body ?? {}) as {
    readonly type?: string
    readonly title?: string
    readonly reason?: string
    readonly accept?: string
  }
  if (type === "audit_chain_broken" || type === "key_unusable") {
    return new IntegrityError(type, "the custodian does not trust its own folder: somebody wrote into it", {
      hint: "See `nightlight custodian status`, and docs/guides/custodian.md.",
    })
  }
  if (type === "decoder_not_isolated") {
    return new DependencyError(type, title ?? "this system cannot isolate a decoder", {
      hint: isolationHint("custodian.yaml"),
    })
  }
  const code = REFUSALS.find((known) => known === type)
  if (code === undefined) {
    return new DependencyError("unavailable", "the custodian cannot do this now", { details: { status } })
  }
  return new RequestError(code, title ?? "the custodian refused this", {
    details: compact({ reason, accept }),
    ...compact({ hint: hintFor(reason, accept) }),
  })
}

function hintFor(reason: string | undefined, accept: string | undefined): string | undefined {
  if (reason === "config-changed") return "Check it, then run: nightlight custodian unlock --accept-config."
  if (reason === "journal-empty") {
    return "Restore the journal. If it is lost for good, check custodian.yaml, then run: nightlight custodian unlock --accept-config."
  }
  if (accept === undefined) return undefined
  return `Compare each key with its holder, then run: nightlight keys rewrap --accept-recipients ${accept}`
}
