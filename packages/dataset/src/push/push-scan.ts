/**
 * Pushes a scan's results to a server: findings first, then the sealed files that the server asks for, then its report
 * and the hunts and purges.
 * @module
 */
import { existsSync, readFileSync } from "node:fs"
import type { Finding } from "@nightlight/contract"
import { createIntakeClient, type IntakeClient, parseServerAddress } from "@nightlight/contract/client"
import {
  MAX_FINDING_LINE_BYTES,
  PUSHED_FINDING_FORMAT,
  PUSHED_SCAN_FORMAT,
  type PushAnswer,
} from "@nightlight/contract/server"
import { DependencyError, hasCode, type JsonValue, RequestError, type Signer } from "@nightlight/core"
import { signDocument } from "@nightlight/durable"
import { openEvidenceStore, sealedPath } from "@nightlight/vault"
import { readReport } from "../scan/finished-scan.ts"
import { scanFolder } from "../scan/scan-folder.ts"
import { parseScanRecord } from "../scan/scan-record.ts"
import { readKeptFindings } from "../scan/superseded.ts"
import { openSourceSigner } from "../workspace/source-key.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { openSealed } from "./read-sealed.ts"
import { type FollowUpsReported, reportFollowUps } from "./report-follow-ups.ts"
import { type RetryOptions, withRetries } from "./retry.ts"
import { datasetKey, toSharedReport } from "./shared-report.ts"

/** The scan to push, and the server. */
export interface PushRequest {
  /** A scan's name, such as `s-000001`. */
  readonly scan: string
  /** The server's address. */
  readonly server: string
  readonly key: string
  /** Six calls, half a second before the second, unless given. */
  readonly retry?: RetryOptions
}

/** Receives a push's progress. */
export interface PushWatcher {
  readonly onProgress?: (progress: {
    readonly findings: number
    readonly uploaded: number
    readonly bytes: number
  }) => void
}

/** The result of a push, over everything the scan found. */
export interface PushReport {
  readonly scan: string
  /** The server's name for this workspace. */
  readonly source: string
  readonly findings: number
  /** New to the server. */
  readonly accepted: number
  readonly known: number
  /** Lines that the server refused, by its code. */
  readonly refused: Readonly<Record<string, number>>
  /** Sealed files sent now. */
  readonly uploaded: number
  readonly bytes: number
  /** Sealed files that the server asked for and that are missing here, or that it refused, by code. */
  readonly withheld: Readonly<Record<string, number>>
  /** Whether the server got the scan's report; `unsupported`: its version accepts no scans. */
  readonly report: ReportOutcome
  /** Hunts and purges of the whole workspace that the server got. */
  readonly followUps: FollowUpsReported
}

/** The server's answer to the scan's report. `none`: no run of the scan has completed yet. */
export type ReportOutcome = "accepted" | "replaced" | "known" | "older" | "unsupported" | "none"

const RETRY: RetryOptions = { tries: 6, delayMs: 500 }
const CALL_LINES = 500
const CALL_BYTES = 4 * 1024 * 1024

/** Most bytes of a line beside the finding: format, source and signature. */
const ENVELOPE_BYTES = 512
const UPLOADS_AT_ONCE = 4

/**
 * Pushes a scan. A push may be repeated: the server keeps each finding once, and asks only for sealed files it lacks.
 *
 * @throws {RequestError} `not_found` if there is no such scan; `input_invalid`; `state_conflict` if the key's source
 * has another public key than this workspace; the server's refusals.
 * @throws {DependencyError} `unavailable` and others when the server cannot be reached: push again.
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export async function pushScan(
  workspace: Workspace,
  request: PushRequest,
  watcher: PushWatcher,
  signal: AbortSignal,
): Promise<PushReport> {
  const { scan, key, retry = RETRY } = request
  // A failure of one upload aborts the others.
  const broken = new AbortController()
  const stop = AbortSignal.any([signal, broken.signal])
  const client = createIntakeClient({
    server: parseServerAddress(request.server),
    key,
    signal: stop,
    hint: "Nothing is lost: nightlight push continues from here.",
  })
  const again = <Result>(work: () => Promise<Result>) => withRetries(work, retry, stop)
  const findings = await withCurrentFiles(workspace, findingsOf(workspace, scan))
  const report = readReport(scanFolder(workspace.layout.scans, scan))
  const { source, keyId } = await again(() => client.ownSource())
  if (keyId !== (await openSourceSigner(workspace.layout)).keyId) {
    throw new RequestError(
      "state_conflict",
      "the key belongs to a source with another public key than this workspace's",
      {
        hint: "Enrol what nightlight source show prints, and use a key that is bound to that source.",
      },
    )
  }
  const totals = { findings: 0, accepted: 0, known: 0, uploaded: 0, bytes: 0 }
  const refused: Record<string, number> = {}
  const withheld: Record<string, number> = {}
  const showProgress = () => watcher.onProgress?.(totals)

  for (const chunk of calls(findings)) {
    const answer = await again(() => send(chunk))
    totals.findings += chunk.length
    totals.accepted += answer.accepted
    totals.known += answer.known
    const wanted: Finding[] = []
    for (const { line, code, wants } of answer.lines) {
      if (code !== undefined) refused[code] = (refused[code] ?? 0) + 1
      const finding = chunk[line - 1]
      if (finding !== undefined && wants !== undefined) wanted.push(finding)
    }
    showProgress()
    await uploadAll(wanted)
  }
  const reportOutcome = await reportScan(source)
  const followUps = await reportFollowUps(workspace, { client, source, again })
  await workspace.record("scan.pushed", {
    scan,
    source,
    findings: totals.findings,
    accepted: totals.accepted,
    refused: Object.values(refused).reduce((sum, count) => sum + count, 0),
    uploaded: totals.uploaded,
    report: reportOutcome,
    hunts: followUps === "unsupported" ? 0 : followUps.hunts,
    purges: followUps === "unsupported" ? 0 : followUps.purges,
  })
  return { scan, source, ...totals, refused, withheld, report: reportOutcome, followUps }

  async function reportScan(to: string): Promise<ReportOutcome> {
    if (report === undefined) return "none"
    const record = parseScanRecord(readFileSync(scanFolder(workspace.layout.scans, scan).record, "utf8"))
    const shared = toSharedReport(report, datasetKey(record, workspace.keyed))
    const body = { format: PUSHED_SCAN_FORMAT, source: to, report: shared as unknown as JsonValue }
    const text = JSON.stringify(signDocument(body, await openSourceSigner(workspace.layout)))
    return again(() => client.pushScanReport(scan, text)).then(
      ({ status }) => status,
      (error: unknown) => {
        if (hasCode(error, "not_found")) return "unsupported"
        throw error
      },
    )
  }

  /** Signs findings with the current key, so that none is lost when it is rotated meanwhile. */
  async function send(chunk: readonly Finding[]): Promise<PushAnswer> {
    const signer = await openSourceSigner(workspace.layout)
    const answer = await client.push(chunk.map((finding) => lineOf(finding, source, signer)).join(""))
    if (!answer.lines.some(({ code }) => code === "key_replaced")) return answer
    throw new DependencyError("unavailable", "the workspace's key as a source was rotated while findings were sent", {
      hint: "Nothing is lost: nightlight push continues from here.",
    })
  }

  async function uploadAll(wanted: readonly Finding[]): Promise<void> {
    const queue = [...wanted]
    const work = async (): Promise<void> => {
      for (let finding = queue.shift(); finding !== undefined; finding = queue.shift()) await upload(client, finding)
    }
    await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, () => work().catch((error) => broken.abort(error))))
    broken.signal.throwIfAborted()
  }

  async function upload(to: IntakeClient, { evidence }: Finding): Promise<void> {
    if (evidence === undefined) return
    const path = sealedPath(workspace.layout.evidence, evidence.id)
    const code = existsSync(path) ? await sent(to, evidence.id, path) : "missing"
    if (code !== undefined) withheld[code] = (withheld[code] ?? 0) + 1
    showProgress()
  }

  /** Sends one sealed file; returns a code where the server will never accept it. */
  async function sent(to: IntakeClient, evidenceId: string, path: string): Promise<string | undefined> {
    try {
      const { bytes } = await again(() => openSealed(path).then((sealed) => to.upload(evidenceId, sealed)))
      totals.uploaded++
      totals.bytes += bytes
      return undefined
    } catch (error) {
      for (const code of ["state_conflict", "body_too_large", "not_found"]) if (hasCode(error, code)) return code
      throw error
    }
  }
}

/** All findings of a scan, also those in shards that were replaced or removed since. */
function findingsOf({ layout, verifier }: Workspace, scan: string): readonly Finding[] {
  const folder = scanFolder(layout.scans, scan)
  if (!/^s-\d{6}$/.test(scan) || !existsSync(folder.record)) {
    throw new RequestError("not_found", "there is no such scan in this workspace")
  }
  return readKeptFindings(folder, verifier).map(({ finding }) => finding)
}

/** The same findings; where a sealed file's header was rewritten since, with its current digest. */
async function withCurrentFiles(
  { layout, manifest, keyed, clock }: Workspace,
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  const store = await openEvidenceStore(layout.evidence, { manifest, keyedDigest: keyed, clock })
  const digests = new Map<string, string>()
  for await (const listing of store.list()) {
    if (!listing.ok || listing.row.originSha256 === undefined) continue
    digests.set(listing.row.evidenceId, listing.row.ciphertextSha256)
  }
  return findings.map((finding) => {
    const { evidence } = finding
    const ciphertextSha256 = evidence === undefined ? undefined : digests.get(evidence.id)
    if (evidence === undefined || ciphertextSha256 === undefined) return finding
    return { ...finding, evidence: { ...evidence, ciphertextSha256 } }
  })
}

/** Packs findings into calls. */
function* calls(findings: readonly Finding[]): Generator<readonly Finding[]> {
  let chunk: Finding[] = []
  let bytes = 0
  for (const finding of findings) {
    const length = JSON.stringify(finding).length + ENVELOPE_BYTES
    if (chunk.length === CALL_LINES || (bytes > 0 && bytes + length > CALL_BYTES)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(finding)
    bytes += length
  }
  if (chunk.length > 0) yield chunk
}

/** A finding's line; one with more matches than fit keeps the strongest. */
function lineOf(finding: Finding, source: string, signer: Signer): string {
  const signed = (what: Finding): string => {
    const body = { format: PUSHED_FINDING_FORMAT, source, finding: what as unknown as JsonValue }
    return `${JSON.stringify(signDocument(body, signer))}\n`
  }
  const line = signed(finding)
  if (line.length < MAX_FINDING_LINE_BYTES / 2) return line
  return signed({
    ...finding,
    matches: finding.matches.slice(0, 100),
    weakMatches: finding.weakMatches.slice(0, 100),
  })
}
