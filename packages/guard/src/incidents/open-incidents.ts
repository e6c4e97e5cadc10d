/**
 * Keeps the incidents of blocks: sealed, on disk before the answer leaves, delivered when the server can be reached.
 * @module
 */
import type { Finding } from "@nightlight/contract"
import { createIntakeClient } from "@nightlight/contract/client"
import { type Clock, compact, DependencyError, type JsonValue, NightlightError, shareRun } from "@nightlight/core"
import { ensureDirPrivate } from "@nightlight/durable"
import { type KeyedDigest, type Manifest, openEvidenceStore } from "@nightlight/vault/seal"
import { createConcurrencyLimit } from "./concurrency-limit.ts"
import { createDailyShare } from "./daily-share.ts"
import { keepDiskReserve } from "./disk-reserve.ts"
import { canWrite } from "./disk-space.ts"
import { toEntry, toRecord } from "./entry.ts"
import { type Incident, incidentsOf, subjectKeyOf } from "./incident.ts"
import type { BlockEvent, Incidents } from "./ports.ts"
import type { Custody } from "./provenance.ts"
import { type SealedIncident, sealIncident } from "./seal-incident.ts"
import { type Sender, type SourceKey, startSender } from "./sender.ts"
import { openSpool, type Spool } from "./spool/spool.ts"
import { spoolKey } from "./spool-key.ts"

/** An event for the workspace's log: ids, codes and counts. */
export interface LogEvent {
  readonly type: string
  readonly data: { readonly [member: string]: JsonValue | undefined }
}

/** The part of a workspace that keeping incidents needs. Nothing in it opens evidence. */
export interface KeepingPlace {
  readonly evidenceDir: string
  /** Folder of the spools. */
  readonly spoolDir: string
  readonly manifest: Manifest
  readonly keyed: KeyedDigest
  readonly custody: Custody
  /** The current key by which the server knows this workspace; it may be rotated while the guard runs. */
  readonly sourceKey: () => Promise<SourceKey>
  /** Writes events to the workspace's log; they are on disk when it resolves. */
  readonly record: (events: readonly LogEvent[]) => Promise<void>
}

/** Limits of what is kept. */
export interface KeepingLimits {
  readonly maxRecords: number
  readonly maxBytes: number
  readonly perAccountDaily: number
  readonly perKeyDaily: number
}

/** The workspace, the limits, and the server for incidents. */
export interface IncidentOptions extends KeepingPlace {
  readonly limits: KeepingLimits
  readonly clock: Clock
  /** Server that receives the incidents; absent: they stay here. */
  readonly server?: { readonly url: URL; readonly key: string }
  /** Called with a code, and with the exchange where one is concerned. */
  readonly onAlarm: (code: string, exchange?: string) => void
  /** Milliseconds before the first retry of a delivery, and between two checks of a disk that could not be written. */
  readonly retryMs?: number
  readonly segmentBytes?: number
  /** Bytes of disk space reserved for blocks in progress when the disk fills up; none unless given. */
  readonly reserveBytes?: number
}

const RESERVE_GONE = new DependencyError("disk_full", "the reserved disk space is used up or cannot be reserved")
/** Delivered incidents that are remembered, so that a repeated exchange is not a new incident. */
const REMEMBERED = 50_000
/** Calls in progress when the spool fills up may still be recorded: a tenth more, and at least this many. */
const HEADROOM_RECORDS = 64
/** The evidence store has one lock for all processes, so more would only wait for it. */
const MAX_CONCURRENT_SEALINGS = 2

/**
 * Opens the keeping of incidents, including those that a killed guard left.
 *
 * @throws {DependencyError} `locked`, `disk_full`, `write_failed`, `source_unreadable`.
 * @throws {IntegrityError} `key_unusable` unless a custodian and a recovery key are active.
 */
export async function openIncidents(options: IncidentOptions): Promise<Incidents> {
  const { evidenceDir, spoolDir, manifest, keyed, custody, limits, clock, onAlarm, retryMs = 500 } = options
  const evidence = await openEvidenceStore(evidenceDir, { manifest, keyedDigest: keyed, clock })
  const known = new Set<string>()
  const underWay = new Map<string, Promise<"kept" | "alarm">>()
  const shares = createDailyShare()
  const inTurn = createConcurrencyLimit(MAX_CONCURRENT_SEALINGS)
  let sealedBytes = 0
  let writeFault: string | undefined
  let faultsNoted = 0
  let isLogFailing = false
  let probe: NodeJS.Timeout | undefined
  await ensureDirPrivate(spoolDir)
  const reserve = await keepDiskReserve(spoolDir, options.reserveBytes ?? 0)
  const { spool, records } = await reserve.lend(openFilled)
  for (const record of records) countRecord(record)
  if (spool.untrusted > 0) onAlarm("spool_untrusted")
  const stopping = new AbortController()
  const sender = startDelivery()

  async function openFilled(): Promise<{ readonly spool: Spool; readonly records: readonly Buffer[] }> {
    const records: Buffer[] = []
    const opened = await openSpool({
      dir: spoolDir,
      key: spoolKey(keyed),
      ...compact({ segmentBytes: options.segmentBytes }),
      onRecord: (record) => records.push(record),
    })
    return { spool: opened, records }
  }

  function countRecord(record: Buffer): void {
    const entry = toEntry(record)
    if (entry === undefined) {
      onAlarm("spool_record_unreadable")
      return
    }
    if (entry.finding.evidence !== undefined) remember(entry.finding.id)
    sealedBytes += entry.sealedBytes
    shares.count(entry.subjectKey, new Date(entry.finding.foundAt))
  }

  function startDelivery(): Sender | undefined {
    if (options.server === undefined) return undefined
    const { url, key } = options.server
    return startSender({
      spool,
      client: createIntakeClient({ server: url, key, signal: stopping.signal }),
      evidenceDir,
      sourceKey: options.sourceKey,
      retryMs,
      onAlarm,
      digestOf: async (id) => (await evidence.row(id).catch(() => undefined))?.ciphertextSha256,
      onDelivered: (entries) => {
        for (const entry of entries) sealedBytes -= entry.sealedBytes
      },
    })
  }

  function remember(id: string): void {
    known.add(id)
    for (const oldest of known) {
      if (known.size <= Math.max(REMEMBERED, limits.maxRecords)) break
      known.delete(oldest)
    }
  }

  const isFull = (share = 1) =>
    spool.records + underWay.size >= limits.maxRecords * share + (share > 1 ? HEADROOM_RECORDS : 0) ||
    spool.bytes + sealedBytes >= limits.maxBytes * share

  async function keepIncident(event: BlockEvent, incident: Incident, subjectKey: string): Promise<"kept" | "alarm"> {
    const { exchange } = event
    let sealed: SealedIncident | undefined
    try {
      sealed = await inTurn(() => reserve.lend(() => sealIncident({ evidence, keyed, custody }, event, incident)))
    } catch (error) {
      onAlarm("evidence_not_sealed", exchange)
      noteFault(error)
    }
    const finding = toFinding(event, incident, sealed)
    const account = event.user?.id
    const size = (sealed?.rows ?? []).reduce((sum, row) => sum + row.ciphertextBytes, 0)
    try {
      const record = toRecord(
        compact({
          finding,
          subjectKey,
          sealedBytes: size,
          account: account !== undefined && account.length <= 200 ? account : undefined,
        }),
      )
      await reserve.lend(() => spool.append(record))
    } catch (error) {
      onAlarm("item_not_recorded", exchange)
      noteFault(error)
      return "alarm"
    }
    sealedBytes += size
    shares.count(subjectKey, event.at)
    // An incident that could not be sealed now is sealed when it occurs again.
    if (sealed !== undefined) remember(incident.id)
    if (!reserve.isKept) noteFault(RESERVE_GONE)
    await log(event, incident, subjectKey, sealed)
    sender?.wake()
    return sealed === undefined ? "alarm" : "kept"
  }

  function toFinding(event: BlockEvent, incident: Incident, sealed: SealedIncident | undefined): Finding {
    const day = event.at.toISOString()
    return compact({
      id: incident.id,
      scan: `guard-${day.slice(0, 10)}`,
      shard: `${event.endpoint}.${event.direction}`,
      ordinal: 0,
      sample: 0,
      depth: 0,
      decision: event.outcome.decision,
      rule: incident.rule,
      policyDigest: incident.policyDigest,
      itemDigest: keyed.of("evidence-content", incident.sha256),
      sizeBytes: incident.sizeBytes,
      mediaType: incident.mediaType,
      kind: incident.kind,
      matches: incident.matches.slice(0, 100) as Finding["matches"],
      weakMatches: incident.weakMatches.slice(0, 100) as Finding["weakMatches"],
      evidence: sealed?.evidence,
      foundAt: day,
    })
  }

  async function log(
    event: BlockEvent,
    incident: Incident,
    subjectKey: string,
    sealed: SealedIncident | undefined,
  ): Promise<void> {
    const { exchange, endpoint, direction, outcome } = event
    const data = {
      exchange,
      finding: incident.id,
      endpoint,
      direction,
      decision: outcome.decision,
      account: subjectKey,
    }
    const sealings = (sealed?.rows ?? []).map((row) => ({
      type: "evidence.sealed",
      data: {
        evidence: row.evidenceId,
        finding: incident.id,
        ciphertext: row.ciphertextSha256,
        content: row.custody === "sealed",
      },
    }))
    try {
      await options.record([...sealings, { type: "exchange.blocked", data }])
      isLogFailing = false
    } catch {
      isLogFailing = true
      onAlarm("block_not_logged", exchange)
    }
  }

  /** Ends the refusal of calls once the disk accepts writes and the reserve is kept again. */
  async function probeDisk(): Promise<void> {
    const noted = faultsNoted
    // A write that succeeded does not clear a fault noted since it began.
    if (!(await canWrite([evidenceDir, spoolDir])) || !(await reserve.restore()) || faultsNoted > noted) return
    writeFault = undefined
    clearInterval(probe)
    probe = undefined
  }

  const probing = shareRun(probeDisk)

  /** Until the disk accepts writes again, the guard refuses calls whose blocks it would have to record. */
  function noteFault(error: unknown): void {
    writeFault = error instanceof NightlightError ? error.code : "write_failed"
    faultsNoted++
    if (probe !== undefined) return
    probe = setInterval(() => void probing.start(), Math.max(retryMs, 50))
    probe.unref()
  }

  // Without the reserve, a full disk would lose the evidence of blocks in progress.
  if (!reserve.isKept) {
    onAlarm("disk_reserve_missing")
    noteFault(RESERVE_GONE)
  }

  function keepOnce(event: BlockEvent, incident: Incident, subjectKey: string): Promise<"kept" | "alarm"> {
    if (known.has(incident.id)) return Promise.resolve("kept")
    const already = underWay.get(incident.id)
    if (already !== undefined) return already
    if (isFull(1.1)) {
      onAlarm("spool_full", event.exchange)
      return Promise.resolve("alarm")
    }
    const keeping = keepIncident(event, incident, subjectKey).finally(() => underWay.delete(incident.id))
    underWay.set(incident.id, keeping)
    return keeping
  }

  return {
    block: async (event) => {
      try {
        const subjectKey = subjectKeyOf(event, keyed)
        const results = await Promise.all(
          incidentsOf(event, subjectKey, keyed).map((incident) => keepOnce(event, incident, subjectKey)),
        )
        return results.includes("alarm") ? "alarm" : "kept"
      } catch {
        onAlarm("item_not_recorded", event.exchange)
        return "alarm"
      }
    },
    accepts: (caller, user) => {
      if (shares.isUnused) return true
      const limit = user === undefined ? limits.perKeyDaily : limits.perAccountDaily
      return !shares.isSpent(subjectKeyOf(compact({ caller, user }), keyed), clock.now(), limit)
    },
    state: () => {
      const fault = isFull()
        ? "spool_full"
        : ((spool.isLost ? "spool_lost" : undefined) ??
          writeFault ??
          (isLogFailing ? "log_failed" : undefined) ??
          (spool.untrusted > 0 ? "spool_untrusted" : undefined) ??
          sender?.fault)
      return compact({
        accepting: !isFull() && writeFault === undefined && !spool.isLost,
        fault,
        spooled: spool.records,
      })
    },
    close: async () => {
      // Stopped before its calls are cut off, so that it does not report them as the server's fault.
      const stopped = sender?.stop()
      stopping.abort()
      await Promise.allSettled(underWay.values())
      await stopped
      clearInterval(probe)
      // A probe that still writes would fill the disk for the guard that starts next.
      await probing.current
      await spool.close()
    },
  }
}
