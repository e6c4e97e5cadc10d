/**
 * Verifies one received finding: the custodian opens its evidence and recomputes its digests, our own snapshot matches
 * it again, and only what both confirm is attached to a case.
 * @module
 */
import type { IntakeAnswer } from "@nightlight/contract/custodian"
import { type Clock, type Fingerprint, type JsonValue, NightlightError } from "@nightlight/core"
import {
  areTestCardsOnly,
  type FalsePositiveLookup,
  isFingerprint,
  type Policy,
  type Screening,
  screenFingerprint,
} from "@nightlight/screening"
import type { KeyedDigest } from "@nightlight/vault/seal"
import type { Kysely, Transaction } from "kysely"
import type { IncomingItem, ItemOrigin } from "../../casework/cases/types.ts"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type EventTransaction, transact } from "../../platform/events/transact.ts"
import type { KnownFalsePositives } from "../false-positives/known-false-positives.ts"
import type { LiveIndex } from "../lists/live-index.ts"
import { DOCUMENT_PURPOSE, documentKey, KeptDocument } from "./kept-document.ts"
import {
  asContext,
  claimedFingerprint,
  claimedSha256,
  declaredDigests,
  placeOf,
  type SealedContext,
  sourceUrls,
} from "./sealed-context.ts"
import {
  findReceived,
  lockReceived,
  type ReceivedRow,
  type ReceivedUpdate,
  recordAttempt,
  updateReceived,
} from "./store.ts"
import type { AlarmPort, CasesPort } from "./types.ts"

/** Dependencies of {@link verifyFinding}. */
export interface VerifyFindingDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly digests: KeyedDigest
  readonly custodian: Pick<CustodianClient, "intake">
  readonly index: LiveIndex
  readonly policy: Policy
  readonly knownFalsePositives: KnownFalsePositives
  readonly cases: CasesPort
  readonly alarms: AlarmPort
  /** Runs for each verified item, in the same transaction. */
  readonly onVerified?: (tx: EventTransaction, caseItem: IncomingItem, caseId: string) => Promise<void>
}

/** Actor of what intake does on its own. */
export const INTAKE_ACTOR = "system-intake"

/** Why an item is denied whose every match is a known false positive. */
export const FALSE_POSITIVE_CODE = "known-false-positive"

/**
 * Codes that mean "not now": the finding waits, is counted as waiting with this code, and is tried again automatically.
 */
export const RETRYABLE_CODES: readonly string[] = [
  "unavailable",
  "timed_out",
  "locked",
  "too_many_requests",
  "lists_failed",
]

/**
 * Verifies a finding. Safe to run again at any time, and by two workers at once: a finding that no longer waits is left
 * alone. If the custodian or the lists cannot answer now, the finding waits.
 *
 * @throws any other error, after recording it on the finding.
 */
export async function verifyFinding(deps: VerifyFindingDeps, received: string, signal: AbortSignal): Promise<void> {
  const row = await findReceived(deps.db, received)
  if (row === undefined || row.state !== "waiting" || row.evidence_at === null || row.evidence_id === null) return
  const evidence = { evidenceId: row.evidence_id, ciphertextSha256: row.ciphertext_sha256 ?? "" }
  try {
    const answer = await deps.custodian.intake({ evidence, findingId: row.finding_id }, signal)
    if (!answer.opens) return await refuse(deps, row, answer.fault)
    await judge(deps, row, answer)
  } catch (error) {
    const code = codeOf(error)
    await recordAttempt(deps.db, row, { code, at: deps.clock.now() })
    if (!RETRYABLE_CODES.includes(code)) throw error
  }
}

/** The code of an error; a custodian that has reached its hourly cap answers later. */
function codeOf(error: unknown): string {
  if (!(error instanceof NightlightError)) return "unknown"
  return error.details["reason"] === "hourly-cap" ? "too_many_requests" : error.code
}

type Opened = Extract<IntakeAnswer, { readonly opens: true }>

async function judge(deps: VerifyFindingDeps, row: ReceivedRow, answer: Opened): Promise<void> {
  const { contextKeys, db, index, policy } = deps
  const context = asContext(answer.context)
  const document = KeptDocument.parse(
    await contextKeys.open(db, documentKey(row.source_id), DOCUMENT_PURPOSE, row.document ?? Buffer.alloc(0)),
  )
  const isVerified = answer.content === "verified"
  if (isVerified && !isFingerprint(answer.fingerprint)) return await refuse(deps, row, "unreadable")
  const fingerprint = isVerified ? (answer.fingerprint as Fingerprint) : claimedFingerprint(context, document)
  const claimed = claimedSha256(context)
  if (isVerified && claimed !== undefined && claimed !== fingerprint.sha256) {
    return await refuse(deps, row, "content-differs")
  }
  const screenBy = (knownFalsePositives: FalsePositiveLookup) =>
    index.use(async (live) => ({
      screening: screenFingerprint(fingerprint, { index: live, falsePositives: knownFalsePositives }, policy, {
        declaredDigests: declaredDigests(context),
        urls: sourceUrls(context),
      }),
      indexVersion: live.version,
    }))
  const { screening, indexVersion } = await screenBy(await deps.knownFalsePositives.of(fingerprint.sha256))
  if (screening.inconclusive === "lists_failed") {
    await recordAttempt(db, row, { code: "lists_failed", at: deps.clock.now() })
    return
  }
  if (screening.matches.length === 0) {
    const isStillUnmatched = async (trx: Transaction<Tables>) => {
      const now = await screenBy(await deps.knownFalsePositives.heldOf(trx, fingerprint.sha256))
      return now.screening.matches.length === 0
    }
    return await deny(deps, row, { indexVersion, isPassedOver: screening.suppressed > 0, isStillUnmatched })
  }
  await attach(deps, row, { answer, context, document, fingerprint, screening, indexVersion })
}

/** Everything known of a verified item. */
interface VerifiedFinding {
  readonly answer: Opened
  readonly context: SealedContext
  readonly document: KeptDocument
  readonly fingerprint: Fingerprint
  readonly screening: Screening
  readonly indexVersion: number
}

async function attach(deps: VerifyFindingDeps, row: ReceivedRow, verified: VerifiedFinding): Promise<void> {
  const caseItem = toItem(deps, row, verified)
  await closeFinding(deps, row, async (tx) => {
    const { caseId, itemId } = await deps.cases.attach(tx, caseItem)
    await deps.onVerified?.(tx, caseItem, caseId)
    tx.record({
      type: "finding.verified",
      subject: row.finding_id,
      data: {
        source: row.source_id,
        case: caseId,
        item: itemId,
        digests: caseItem.digests,
        decision: caseItem.verdict.decision,
        testOnly: caseItem.testOnly,
        index: verified.indexVersion,
      },
    })
    return {
      state: "verified",
      code: null,
      case_id: caseId,
      item_id: itemId,
      test_only: caseItem.testOnly,
      index_version: verified.indexVersion,
      // The case holds the item's context, under its own key.
      document: null,
    }
  })
}

function toItem({ digests }: VerifyFindingDeps, row: ReceivedRow, verified: VerifiedFinding): IncomingItem {
  const { answer, context, document, fingerprint, screening } = verified
  const { sha256 } = fingerprint
  return {
    findingId: row.finding_id,
    source: row.source_id,
    origin: originOf(digests, row, verified),
    // Without digests, no other item can be known to be the same.
    itemKey:
      sha256 === "" ? digests.of("finding-item", `${row.source_id}\n${row.finding_id}`) : digests.of("item", sha256),
    digests: answer.content === "verified" ? "verified" : "claimed",
    mediaType: answer.content === "verified" ? fingerprint.mediaType : soundMediaType(document.mediaType),
    sizeBytes: fingerprint.sizeBytes,
    evidence: {
      evidenceId: row.evidence_id ?? "",
      ciphertextSha256: row.ciphertext_sha256 ?? "",
      content: answer.content,
      contentBytes: answer.contentBytes,
    },
    matches: screening.matches,
    verdict: screening.verdict,
    testOnly: areTestCardsOnly(screening.matches),
    context: {
      ...ownWords(row, context),
      fingerprint: fingerprint as unknown as JsonValue,
      claimed: claimedNames(document),
    },
    foundAt: document.foundAt,
  }
}

/**
 * A context without the account that its sender names in it, unless that is the operator's own channel: a report must
 * not name somebody on the word of the item's sender.
 */
function ownWords({ account_key }: ReceivedRow, context: SealedContext): SealedContext {
  const { account, ...rest } = context
  if (account_key !== null || account === undefined) return context
  return { ...rest, unprovenAccount: account }
}

/** The source's own names, in full, for those who may read the case. */
function claimedNames({ scan, shard, mediaType, kind }: KeptDocument): JsonValue {
  return { scan, shard, mediaType, kind }
}

function originOf(digests: KeyedDigest, row: ReceivedRow, { context, document }: VerifiedFinding): ItemOrigin {
  // An account's name comes from the operator's own channel, which set it on the row; the one in a sealed context is
  // ignored.
  if (row.account_key !== null) return { kind: "account", accountKey: row.account_key }
  if (row.origin === "direct") return { kind: "direct" }
  const { dataset, host } = placeOf(context)
  return {
    kind: "dataset",
    datasetKey: digests.of("dataset", `${row.source_id}\n${dataset}`),
    hostKey: host === undefined ? undefined : digests.of("source-host", host),
    scan: soundScan(digests, row, document.scan),
    shard: document.shard,
    ordinal: document.ordinal,
  }
}

/** A scan's name is in the index: if it is unusual text, the index has a digest, and the context the full name. */
function soundScan(digests: KeyedDigest, { source_id }: ReceivedRow, scan: string): string {
  return /^[A-Za-z0-9._-]{1,80}$/.test(scan) ? scan : `scan-${digests.of("scan-name", `${source_id}\n${scan}`)}`
}

/** A claimed type is in the index: a malformed one becomes the type of arbitrary bytes. */
function soundMediaType(claimed: string): string {
  return /^[a-z]{1,40}\/[a-z0-9.+-]{1,80}$/.test(claimed) ? claimed : "application/octet-stream"
}

/**
 * The custodian cannot confirm it: no case is opened, and no account is affected. A file that is gone is requested
 * again.
 */
async function refuse(deps: VerifyFindingDeps, row: ReceivedRow, fault: string): Promise<void> {
  const isGone = fault === "missing"
  await closeFinding(deps, row, async (tx) => {
    const subject = row.finding_id
    tx.record({
      type: isGone ? "evidence.missing" : "finding.refused",
      subject,
      data: { source: row.source_id, code: fault },
    })
    await deps.alarms.raise(tx, { code: "finding-refused", subject: row.source_id, data: { fault } })
    return isGone ? { evidence_at: null, code: fault } : { state: "refused", code: fault }
  })
}

/**
 * Our own snapshot matches nothing, or only known false positives: the finding stays on record, is checked again when
 * the lists change, and opens no case.
 */
async function deny(
  deps: VerifyFindingDeps,
  row: ReceivedRow,
  {
    indexVersion,
    isPassedOver,
    isStillUnmatched,
  }: {
    readonly indexVersion: number
    readonly isPassedOver: boolean
    readonly isStillUnmatched: (trx: Transaction<Tables>) => Promise<boolean>
  },
): Promise<void> {
  const denied = row.claims_match ? "match-denied" : "nothing-matched"
  const code = isPassedOver ? FALSE_POSITIVE_CODE : denied
  await closeFinding(deps, row, async (tx) => {
    // If a known false positive ended meanwhile, everything else that it had suppressed is verified again.
    if (isPassedOver && !(await isStillUnmatched(tx.trx))) return { state: "waiting", code: null }
    tx.record({
      type: "finding.denied",
      subject: row.finding_id,
      data: { source: row.source_id, code, index: indexVersion },
    })
    if (!isPassedOver) {
      await deps.alarms.raise(tx, { code: denied, subject: row.source_id, data: { index: indexVersion } })
    }
    return { state: "denied", code, index_version: indexVersion }
  })
}

/** Ends a finding's waiting, unless somebody else did, or it has another sealed file by now. */
async function closeFinding(
  deps: VerifyFindingDeps,
  row: ReceivedRow,
  work: (tx: EventTransaction) => Promise<ReceivedUpdate>,
): Promise<void> {
  await transact(deps, INTAKE_ACTOR, async (tx) => {
    const now = await lockReceived(tx.trx, row.record_id)
    if (now?.state !== "waiting" || now.ciphertext_sha256 !== row.ciphertext_sha256 || now.evidence_at === null) return
    const at = deps.clock.now()
    const changes = await work(tx)
    await updateReceived(tx.trx, row.record_id, { ...changes, tried_at: at, settled_at: at })
  })
}
