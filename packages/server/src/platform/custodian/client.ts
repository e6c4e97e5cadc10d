/**
 * Calls the custodian on its Unix socket.
 * @module
 */
import { relative } from "node:path"
import {
  AuthorisationEntries,
  AuthorisationEntry,
  CheckpointAnswer,
  CheckpointHead,
  CustodianState,
  DestructionReceipt,
  DestructionRecords,
  DisclosureReceipt,
  EnrolledKeys,
  Enrolments,
  FilingAnswer,
  FilingJournal,
  FilingJournals,
  IntakeAnswer,
  ListSnapshots,
  type Notice,
  Notices,
  NoticesAnswer,
  NoticesUnknown,
  OpaqueId,
  ViewingAnswer,
} from "@nightlight/contract/custodian"
import {
  compact,
  DependencyError,
  isolationHint,
  NightlightError,
  RequestError,
  type RequestErrorCode,
  readUpTo,
} from "@nightlight/core"
import { Agent, request } from "undici"
import { z } from "zod"
import type { CustodianClient } from "./port.ts"

/** A client that holds connections. */
export interface OpenCustodianClient extends CustodianClient {
  close(): Promise<void>
}

interface Call<Answer> {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly body?: object
  readonly answer: z.ZodType<Answer>
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  readonly onCopiedPasskey: (person: string) => Promise<void>
}

const QUICK_MS = 10_000
/** Time for decoding, or for reading and digesting a large file. */
const OPENING_MS = 60_000
/** An upload to NCMEC takes as long as its network does. */
const FILING_MS = 15 * 60_000
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** The custodian's refusals that a caller can act on; any other code counts as a malformed answer. */
const REFUSALS: ReadonlySet<string> = new Set<RequestErrorCode>([
  "input_invalid",
  "not_found",
  "state_conflict",
  "forbidden",
  "passphrase_wrong",
  "second_person_required",
  "budget_reached",
  "too_many_requests",
  "body_too_large",
])
const Problem = z.looseObject({
  type: z.string(),
  reason: z
    .string()
    .regex(/^[a-z-]{1,40}$/)
    .optional(),
})

/** Options of {@link openCustodianClient}. */
export interface CustodianClientOptions {
  /**
   * Called, before the call is refused, when the counter of somebody's passkey went back at the custodian. Never
   * rejects.
   */
  readonly onCopiedPasskey?: (person: string) => Promise<void>
}

/** Connects at the first call, by at most 16 connections to the custodian's Unix socket. */
export function openCustodianClient(
  socketPath: string,
  { onCopiedPasskey = async () => undefined }: CustodianClientOptions = {},
): OpenCustodianClient {
  const dispatcher = new Agent({
    connect: { socketPath: shortest(socketPath), timeout: 5_000 },
    headersTimeout: FILING_MS,
    bodyTimeout: FILING_MS,
    connections: 16,
    pipelining: 1,
  })
  const post = <Answer>(
    path: string,
    body: object,
    answer: z.ZodType<Answer>,
    timeoutMs: number,
    signal?: AbortSignal,
  ) =>
    call(
      dispatcher,
      compact({
        method: "POST",
        path,
        body,
        answer,
        timeoutMs,
        onCopiedPasskey,
        signal: signal || undefined,
      }),
    )
  const get = <Answer>(path: string, answer: z.ZodType<Answer>) =>
    call(dispatcher, { method: "GET", path, answer, timeoutMs: QUICK_MS, onCopiedPasskey })
  const filing = (grantId: string, step: string) => `/v1/filings/${encodeURIComponent(grantId)}/${step}`
  const file = (grantId: string, id: string, step = "") => filing(grantId, `files/${encodeURIComponent(id)}${step}`)
  return {
    state: () => get("/v1/state", CustodianState),
    unlock: async (passphrase) => void (await post("/v1/unlock", { passphrase }, z.unknown(), OPENING_MS)),
    enrol: async (body) => void (await post("/v1/enrolments/complete", body, z.unknown(), QUICK_MS)),
    enrolments: () => get("/v1/enrolments", Enrolments),
    enrolledKeys: () => get("/v1/enrolments/keys", EnrolledKeys),
    destroy: (body) => post("/v1/destructions", body, DestructionReceipt, FILING_MS),
    destructions: () => get("/v1/destructions", DestructionRecords),
    disclose: (proven) => post("/v1/disclosures", proven, DisclosureReceipt, OPENING_MS),
    intake: (body, signal) => post("/v1/intake", body, IntakeAnswer, OPENING_MS, signal),
    view: (proven) => post("/v1/viewings", proven, ViewingAnswer, OPENING_MS),
    attest: async (body) => void (await post("/v1/attestations", body, z.unknown(), QUICK_MS)),
    openFiling: (body) => post("/v1/filings/open", body, FilingAnswer, FILING_MS),
    upload: (grantId, id, attempt) => post(file(grantId, id), { attempt }, FilingAnswer, FILING_MS),
    describe: (grantId, id, body) => post(file(grantId, id, "/details"), body, FilingAnswer, FILING_MS),
    finish: (grantId, attempt) => post(filing(grantId, "finish"), { attempt }, FilingAnswer, FILING_MS),
    retract: (grantId, attempt) => post(filing(grantId, "retract"), { attempt }, FilingAnswer, FILING_MS),
    abandon: async (grantId, attempt) =>
      void (await post(filing(grantId, "abandon"), { attempt }, z.unknown(), QUICK_MS)),
    filing: (grantId) => get(`/v1/filings/${encodeURIComponent(grantId)}`, FilingJournal),
    filings: () => get("/v1/filings", FilingJournals),
    grantAuthorisation: (proven) => post("/v1/filing-authorisations", proven, AuthorisationEntry, QUICK_MS),
    revokeAuthorisation: (body) => post("/v1/filing-authorisations/revoke", body, AuthorisationEntry, QUICK_MS),
    lists: async () => (await get("/v1/lists", ListSnapshots)).snapshots,
    authorisations: () => get("/v1/filing-authorisations", AuthorisationEntries),
    checkpointHead: () => get("/v1/checkpoints/head", CheckpointHead),
    checkpoint: async (shown) => (await post("/v1/checkpoints", shown, CheckpointAnswer, QUICK_MS)).line,
    sendNotices: async (lines) => void (await post("/v1/notices", { lines: [...lines] }, NoticesAnswer, QUICK_MS)),
    notices: async (afterSeq) => {
      const all: Notice[] = []
      for (let from: number | undefined = 0; from !== undefined; ) {
        const page: Notices = await get(`/v1/notices?after=${afterSeq}&from=${from}`, Notices)
        all.push(...page.notices)
        from = page.next
      }
      return all
    },
    unknownNotices: async (hashes) =>
      (await post("/v1/notices/known", { hashes: [...hashes] }, NoticesUnknown, QUICK_MS)).unknown,
    close: () => dispatcher.close(),
  }
}

/** A socket's path is limited to about 100 bytes: relative to the working folder it may be much shorter. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.length < path.length ? fromHere : path
}

async function call<Answer>(
  dispatcher: Agent,
  { method, path, body, answer, timeoutMs, signal, onCopiedPasskey }: Call<Answer>,
): Promise<Answer> {
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const response = await request(
      `http://custodian${path}`,
      compact({
        dispatcher,
        method,
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        headers: body === undefined ? {} : { "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    )
    const value = await readJson(response.body)
    if (response.statusCode >= 400) {
      const person = copiedPasskeyIn(value)
      if (person !== undefined) await onCopiedPasskey(person)
      throw refusalOf(response.statusCode, value)
    }
    const parsed = answer.safeParse(value)
    if (!parsed.success)
      throw new DependencyError("answer_malformed", "the custodian's answer does not have the expected form")
    return parsed.data
  } catch (error) {
    if (error instanceof NightlightError) throw error
    if (signal?.aborted === true) throw signal.reason
    if (limit.aborted) throw new DependencyError("timed_out", "the custodian does not answer in time")
    throw new DependencyError("unavailable", "the custodian does not answer", {
      hint: "Check with `nightlight custodian status` whether it is running.",
    })
  }
}

async function readJson(body: AsyncIterable<Buffer>): Promise<unknown> {
  const bytes = await readUpTo(body, ANSWER_BYTES_MAX)
  if (bytes === undefined) throw new DependencyError("answer_malformed", "the custodian's answer is too large")
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(Buffer.from(bytes.buffer).toString("utf8"))
  } catch {
    throw new DependencyError("answer_malformed", "the custodian's answer is not JSON")
  }
}

const CopiedPasskey = z.looseObject({ reason: z.literal("counter-went-back"), person: OpaqueId })

/** The person whose passkey's counter went back, if that is why the custodian refuses. */
function copiedPasskeyIn(value: unknown): string | undefined {
  return CopiedPasskey.safeParse(value).data?.person
}

/** Only its code and reason, which come from short lists, are passed on, not its message. */
function refusalOf(status: number, value: unknown): NightlightError {
  const problem = Problem.safeParse(value)
  const { type: code = "unknown", reason = "unknown" } = problem.success ? problem.data : {}
  if (code === "decoder_not_isolated") {
    return new DependencyError(code, "the custodian does not decode: its system cannot isolate a decoder", {
      hint: isolationHint("custodian.yaml"),
    })
  }
  if (reason === "locked" || code === "locked" || code === "key_unusable" || status === 503) {
    return new DependencyError("unavailable", "the custodian is locked or not ready", {
      hint: "Unlock it: nightlight custodian unlock.",
    })
  }
  if (REFUSALS.has(code)) {
    return new RequestError(code as RequestErrorCode, "the custodian refused this", { details: { reason } })
  }
  return new DependencyError("answer_malformed", "the custodian failed", { details: { status } })
}
