/**
 * The keys that signed a log's checkpoints, one after another: the first one's public half, followed by a line for each
 * handover, signed by the old key and the new one. With a copy of the first public half, anybody can check that a later
 * key is its successor.
 *
 * A key is valid for checkpoints from the event at which it became current to the one at which it was replaced, both
 * included: later signatures of an old key are not accepted.
 * @module
 */
import { canonicalJson, IntegrityError, type Signer, tryParseJson, type Verifier } from "@nightlight/core"
import { checkHandover, signHandover } from "../keys/handover.ts"
import { toVerifier } from "../keys/verifying-key.ts"
import { type CheckpointPlace, isLaterCheckpoint } from "./place.ts"

const FORMATS = { format: "nightlight-key-handover/1", accepted: "nightlight-key-accepted/1" }
const END = "-----END PUBLIC KEY-----\n"
const MAX_KEYS = 1_000

/** Keys of checkpoints, each for its own part of the log. */
export interface CheckpointKeys {
  /** The key of this id, if it is valid for a checkpoint of this event and number of restarts. */
  keyOf(keyId: string, place: CheckpointPlace): Verifier | undefined
  /** The present key. */
  readonly current: Verifier
  /** Handovers, in order. */
  readonly handovers: readonly ({ readonly keyId: string; readonly fromKeyId: string } & CheckpointPlace)[]
}

/** Content of a handover. */
export interface Handover {
  /** The last event for which the old key signed a checkpoint; 0 if none. */
  readonly seq: number
  /** How often checkpoints had been restarted by then. */
  readonly restarts: number
  /** ISO 8601, UTC. */
  readonly at: string
  /** Public half of the new key, PEM. */
  readonly publicKey: string
}

/**
 * Reads a public key's file, with its handovers, if any.
 *
 * @throws {IntegrityError} `key_unusable` if it is malformed, or a handover is not signed by both keys.
 */
export function readCheckpointKeys(text: string): CheckpointKeys {
  const end = text.indexOf(END)
  const first = toVerifier(end === -1 ? text : text.slice(0, end + END.length))
  const lines =
    end === -1
      ? []
      : text
          .slice(end + END.length)
          .split("\n")
          .filter((line) => line !== "")
  const keys: KeyPeriod[] = [{ verifier: first, from: { seq: 0, restarts: 0 }, to: undefined }]
  for (const line of lines) {
    const last = keys.at(-1)
    const next = last === undefined ? undefined : readHandover(line, last.verifier)
    if (last === undefined || next === undefined || isLaterCheckpoint(last.from, next.at) || keys.length >= MAX_KEYS) {
      throw new IntegrityError("key_unusable", "a handover of the log's key is not signed by both keys")
    }
    last.to = next.at
    keys.push({ verifier: next.verifier, from: next.at, to: undefined })
  }
  return {
    keyOf: (keyId, place) =>
      keys.find(
        ({ verifier, from, to }) =>
          verifier.keyId === keyId &&
          !isLaterCheckpoint(from, place) &&
          !(to !== undefined && isLaterCheckpoint(place, to)),
      )?.verifier,
    current: keys.at(-1)?.verifier ?? first,
    handovers: keys.slice(1).map(({ verifier, from }, before) => ({
      keyId: verifier.keyId,
      fromKeyId: keys[before]?.verifier.keyId ?? "",
      ...from,
    })),
  }
}

interface KeyPeriod {
  readonly verifier: Verifier
  /** Both included. */
  readonly from: CheckpointPlace
  to: CheckpointPlace | undefined
}

/** Makes the line of a handover, with its newline. */
export function toHandoverLine({ seq, restarts, at, publicKey }: Handover, from: Signer, to: Signer): string {
  return `${canonicalJson(signHandover({ seq, restarts, at, publicKey }, FORMATS, from, to))}\n`
}

function readHandover(
  line: string,
  from: Verifier,
): { readonly at: CheckpointPlace; readonly verifier: Verifier } | undefined {
  const handover = checkHandover(tryParseJson(line), FORMATS, from)
  if (handover === undefined || canonicalJson(handover.document) !== line) return undefined
  const { seq, restarts, at } = handover.document as Readonly<Record<string, unknown>>
  if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(restarts) || typeof at !== "string") return undefined
  return { at: { seq: seq as number, restarts: restarts as number }, verifier: handover.to }
}
