/**
 * Delivers the spool to a server, oldest first, and removes what the server has accepted.
 * @module
 */
import { existsSync, openAsBlob } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"
import type { IntakeClient } from "@nightlight/contract/client"
import { PUSHED_FINDING_FORMAT } from "@nightlight/contract/server"
import { DependencyError, hasCode, type JsonValue, NightlightError, RequestError } from "@nightlight/core"
import { sealedPath } from "@nightlight/vault/seal"
import type { SpoolEntry } from "./entry.ts"
import { toEntry } from "./entry.ts"
import type { Spool, SpoolBatch } from "./spool/spool.ts"

/** The spool, the server, and the listeners. */
export interface SenderOptions {
  readonly spool: Pick<Spool, "oldest" | "acknowledge">
  readonly client: Pick<IntakeClient, "ownSource" | "push" | "upload">
  readonly evidenceDir: string
  /** The workspace's current key as a source; the server must know the workspace by it. */
  readonly sourceKey: () => Promise<SourceKey>
  /** The current digest of a sealed file; it differs from the finding's where the file's header was rewritten since. */
  readonly digestOf: (evidenceId: string) => Promise<string | undefined>
  /** Called with the entries that left the spool. */
  readonly onDelivered: (entries: readonly SpoolEntry[]) => void
  readonly onAlarm: (code: string) => void
  /** Milliseconds before the first retry, doubled each time up to a minute; 500 unless given. */
  readonly retryMs?: number
}

/** The key that signs what is sent. */
export interface SourceKey {
  readonly keyId: string
  /** Signs a document. */
  readonly sign: (body: { readonly format: string; readonly [member: string]: JsonValue | undefined }) => object
}

/** A running sender. */
export interface Sender {
  /** Tells the sender that the spool has a new entry. */
  wake(): void
  /** Code of the reason why nothing can be delivered now. */
  readonly fault: string | undefined
  /** Ends after the delivery in progress; undelivered entries stay. */
  stop(): Promise<void>
}

const LONGEST_WAIT_MS = 60_000
const UPLOADS_AT_ONCE = 4

/** Starts delivering. A delivery may be repeated: the server keeps each incident once. */
export function startSender(options: SenderOptions): Sender {
  const { spool, client, evidenceDir, sourceKey, onDelivered, onAlarm, retryMs = 500 } = options
  const stopped = new AbortController()
  let source: { readonly id: string; readonly keyId: string } | undefined
  let fault: string | undefined
  let wakeUp = Promise.withResolvers<void>()

  async function run(): Promise<void> {
    let pauseMs = retryMs
    while (!stopped.signal.aborted) {
      const woken = wakeUp.promise
      try {
        const batch = await spool.oldest()
        if (batch === undefined) {
          fault = undefined
          await woken
          wakeUp = Promise.withResolvers<void>()
          continue
        }
        await deliver(batch)
        fault = undefined
        pauseMs = retryMs
      } catch (error) {
        if (stopped.signal.aborted) return
        const code = faultOf(error)
        if (code !== fault) onAlarm(code)
        fault = code
        // The key may be registered again meanwhile.
        source = undefined
        await wait(pauseMs * (0.5 + Math.random() / 2), undefined, { signal: stopped.signal }).catch(() => undefined)
        pauseMs = Math.min(pauseMs * 2, LONGEST_WAIT_MS)
      }
    }
  }

  async function deliver(batch: SpoolBatch): Promise<void> {
    const entries = await Promise.all(batch.records.flatMap((record) => toEntry(record) ?? []).map(withCurrentFile))
    // Signed only now, so that entries that waited are not lost when the key is rotated.
    const key = await sourceKey()
    if (source?.keyId !== key.keyId) source = await findSource(key)
    const to = source.id
    if (entries.length > 0) {
      const { lines } = await client.push(entries.map((entry) => lineOf(entry, to, key)).join(""))
      const spokenOf = new Set(lines.map(({ line }) => line))
      if (entries.some((_, index) => !spokenOf.has(index + 1))) {
        throw new DependencyError("answer_malformed", "the server's answer leaves a finding out")
      }
      if (lines.some(({ code }) => code === "key_replaced")) {
        throw new DependencyError("unavailable", "the key was rotated while the incidents were being delivered")
      }
      const wanted: SpoolEntry[] = []
      for (const { line, code, wants } of lines) {
        const entry = entries[line - 1]
        if (code !== undefined) onAlarm(`finding_refused_${code}`)
        if (entry !== undefined && wants !== undefined) wanted.push(entry)
      }
      await uploadAll(wanted)
    }
    await spool.acknowledge(batch)
    onDelivered(entries)
  }

  async function withCurrentFile(entry: SpoolEntry): Promise<SpoolEntry> {
    const { finding } = entry
    const { evidence } = finding
    const ciphertextSha256 = evidence === undefined ? undefined : await options.digestOf(evidence.id)
    if (evidence === undefined || ciphertextSha256 === undefined) return entry
    return { ...entry, finding: { ...finding, evidence: { ...evidence, ciphertextSha256 } } }
  }

  async function findSource({ keyId }: SourceKey): Promise<{ readonly id: string; readonly keyId: string }> {
    const own = await client.ownSource()
    if (own.keyId === keyId) return { id: own.source, keyId }
    throw new RequestError(
      "state_conflict",
      "the key belongs to a source with another public key than this workspace's",
    )
  }

  /** A finding that matched no list goes without its sealed file: the server counts it and opens no case. */
  function lineOf({ finding, account }: SpoolEntry, to: string, { sign }: SourceKey): string {
    const { evidence, ...rest } = finding
    const sent = finding.matches.length > 0 && evidence !== undefined ? finding : rest
    const body = {
      format: PUSHED_FINDING_FORMAT,
      source: to,
      finding: sent as unknown as JsonValue,
      exchange: account === undefined ? {} : { account: { id: account } },
    }
    return `${JSON.stringify(sign(body))}\n`
  }

  async function uploadAll(wanted: readonly SpoolEntry[]): Promise<void> {
    const queue = [...wanted]
    const work = async (): Promise<void> => {
      for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) await upload(entry)
    }
    await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work))
  }

  async function upload({ finding: { evidence } }: SpoolEntry): Promise<void> {
    if (evidence === undefined) return
    try {
      await client.upload(evidence.id, await openSealed(sealedPath(evidenceDir, evidence.id)))
    } catch (error) {
      // The server will never accept it, or its file is gone: a person must look, and the other entries go on.
      if (!isFinal(error)) throw error
      onAlarm("evidence_not_taken")
    }
  }

  const running = run()
  return {
    wake: () => wakeUp.resolve(),
    get fault() {
      return fault
    },
    stop: async () => {
      stopped.abort()
      wakeUp.resolve()
      await running
    },
  }
}

/** Opens a sealed file. @throws {RequestError} `not_found`; {@link DependencyError} `unavailable`. */
function openSealed(path: string): Promise<Blob> {
  return openAsBlob(path).catch(() => {
    if (existsSync(path)) throw new DependencyError("unavailable", "a sealed file cannot be opened now")
    throw new RequestError("not_found", "a sealed file of this workspace is missing")
  })
}

function isFinal(error: unknown): boolean {
  if (!(error instanceof RequestError)) return false
  return error.code === "state_conflict" || error.code === "body_too_large" || error.code === "not_found"
}

function faultOf(error: unknown): string {
  if (error instanceof RequestError) return "server_refuses"
  if (hasCode(error, "locked")) return "spool_lost"
  return error instanceof NightlightError ? `server_${error.code}` : "server_unavailable"
}
