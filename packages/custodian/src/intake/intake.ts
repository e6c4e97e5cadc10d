/**
 * Test-opening at intake: nothing is filed on evidence that does not open, or differs from what the server was told.
 * @module
 */
import { createHash } from "node:crypto"
import type { IntakeAnswer, IntakeBody } from "@nightlight/contract/custodian"
import { type Fingerprint, SNIFF_BYTES, sniffMedia } from "@nightlight/core"
import { type Decoder, openDecoder } from "@nightlight/decoder"
import type { EvidenceHeader } from "@nightlight/vault"
import type { CustodianConfig } from "../config.ts"
import type { Grants } from "../grants/grants.ts"
import { isolationFor } from "../isolation.ts"
import type { Journal } from "../journal/journal.ts"
import type { Serial } from "../journal/serial.ts"
import type { Keyring } from "../keys/keyring.ts"
import { EvidenceError, type Opener, type Sealed } from "../viewings/opener.ts"

/** Opens evidence for the server's intake. */
export interface Intake extends AsyncDisposable {
  /** @throws {RequestError} as `refusal`: `locked`, `hourly-cap`. */
  open(body: IntakeBody): Promise<IntakeAnswer>
}

/** Options of intake. */
export interface IntakeOptions {
  readonly config: Pick<CustodianConfig, "sizes" | "decoder">
  readonly journal: Journal
  readonly grants: Grants
  readonly keyring: Keyring
  readonly opener: Opener
  /** Limits the items in memory at once. */
  readonly lanes: Serial
}

type Fault = Extract<IntakeAnswer, { opens: false }>["fault"]

/** Makes the intake; its decoder starts with the first item. */
export function createIntake({ config, journal, grants, keyring, opener, lanes }: IntakeOptions): Intake {
  const { decodedBytes } = config.sizes
  let decoder: Promise<Decoder> | undefined
  let underWay = 0

  async function fingerprintOf(content: Uint8Array): Promise<Fingerprint> {
    decoder ??= openDecoder({
      readRoots: [],
      processes: 1,
      profile: "fullres",
      kernel: "fast",
      limits: { maxBytes: decodedBytes },
      isolation: isolationFor(config),
    })
    const started = await decoder.catch((error: unknown) => {
      decoder = undefined
      throw error
    })
    return started.fingerprint({ kind: "bytes", bytes: content })
  }

  async function openHashed(evidence: Sealed): Promise<{ header: EvidenceHeader; fingerprint?: Fingerprint }> {
    const { header, content } = await opener.openWhole(evidence, decodedBytes)
    if (content !== undefined) {
      return header.hasContent ? { header, fingerprint: await fingerprintOf(content) } : { header }
    }
    // Too large for memory: it was not read to its end, so what was read is not trusted.
    const again = await opener.open(evidence)
    return { fingerprint: await digestOnly(again.content), header: again.header }
  }

  async function testOpen({ evidence, findingId }: IntakeBody): Promise<IntakeAnswer> {
    const { header, fingerprint } = await openHashed(evidence)
    const { provenance: context, contentSha256 } = header
    if (findingOf(header) !== findingId) return fault("other-finding")
    if (fingerprint === undefined) return { opens: true, content: "absent", contentBytes: 0, context }
    if (fingerprint.sha256 !== contentSha256) return fault("content-differs")
    return { opens: true, content: "verified", contentBytes: fingerprint.sizeBytes, fingerprint, context }
  }

  async function recorded(body: IntakeBody): Promise<IntakeAnswer> {
    const answer = await lanes
      .run(() => testOpen(body))
      .catch((error: unknown) => {
        if (error instanceof EvidenceError) return fault(error.fault)
        throw error
      })
    const { evidenceId } = body.evidence
    const known = { evidenceId, findingId: body.findingId }
    if (answer.opens) await journal.record("intake.opened", "server", { ...known, content: answer.content })
    else await journal.record("intake.faulted", "server", { ...known, fault: answer.fault })
    return answer
  }

  return {
    async open(body) {
      keyring.identities()
      // The journal counts only ended intakes: without this, many at once would all pass.
      grants.assertIntakeFree(underWay)
      underWay++
      try {
        return await recorded(body)
      } finally {
        underWay--
      }
    },
    async [Symbol.asyncDispose]() {
      await (await decoder?.catch(() => undefined))?.[Symbol.asyncDispose]()
    },
  }
}

function fault(code: Fault): IntakeAnswer {
  return { opens: false, fault: code }
}

/** The finding that the sealed context names. */
function findingOf({ provenance }: EvidenceHeader): unknown {
  return typeof provenance === "object" && provenance !== null && !Array.isArray(provenance)
    ? (provenance as Readonly<Record<string, unknown>>)["finding"]
    : undefined
}

/** Digests content that is too large to decode. */
async function digestOnly(content: AsyncIterable<Uint8Array>): Promise<Fingerprint> {
  const hashes = { md5: createHash("md5"), sha1: createHash("sha1"), sha256: createHash("sha256") }
  let head = Buffer.alloc(0)
  let sizeBytes = 0
  for await (const chunk of content) {
    if (head.length < SNIFF_BYTES) head = Buffer.concat([head, chunk]).subarray(0, SNIFF_BYTES)
    for (const hash of Object.values(hashes)) hash.update(chunk)
    sizeBytes += chunk.length
  }
  return {
    sizeBytes,
    md5: hashes.md5.digest("hex"),
    sha1: hashes.sha1.digest("hex"),
    sha256: hashes.sha256.digest("hex"),
    ...sniffMedia(head, sizeBytes),
    inconclusive: "byte_limit",
  }
}
