/**
 * What is sealed beside a find, in the form that scans and screenings seal.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { excerptOf, flaggedTurns } from "./exchange-content.ts"
import type { Find } from "./finds.ts"
import type { BlockEvent } from "./ports.ts"

/** How much is kept of what was found: `custody` of the workspace's configuration. */
export interface Custody {
  readonly mode: "locate" | "seal"
  /** Why sealed copies may be kept. */
  readonly basis: string | null
}

/** Frames of a film whose turned hashes are kept. */
const TURNED_FRAMES = 50

/**
 * What a report will need. The account, address and time of the end user come from the operator's own signed headers
 * alone, never from a body.
 */
export function provenanceOf(event: BlockEvent, find: Find, custody: Custody, exchangeEvidence?: string): JsonValue {
  const { user, standing, caller, outcome } = event
  const { fingerprint, matches } = find
  const { md5, sha1, picture } = fingerprint ?? {}
  return {
    finding: find.id,
    exchange: event.exchange,
    ...(exchangeEvidence !== undefined && { exchangeEvidence }),
    ...(user !== undefined && {
      account: user.id,
      endUser: {
        ...(user.ip !== undefined && { ip: user.ip }),
        ...(user.port !== undefined && { port: user.port }),
        ...(user.at !== undefined && { at: user.at }),
        ...(user.conversation !== undefined && { conversation: user.conversation }),
        ageBand: standing?.ageBand ?? user.ageBand ?? "unknown",
      },
    }),
    caller: caller.id,
    endpoint: event.endpoint,
    direction: event.direction,
    model: event.model,
    custody: { mode: custody.mode, basis: custody.basis },
    screenedAt: event.at.toISOString(),
    decision: outcome.decision,
    signals: outcome.signals.slice(0, 200).map(({ check, rule, decision, category, score, shadow }) => ({
      ...{ check, rule, decision },
      ...(category !== undefined && { category }),
      ...(score !== undefined && { score }),
      ...(shadow === true && { shadow }),
    })),
    digests: { ...(md5 && { md5 }), ...(sha1 && { sha1 }), sha256: find.sha256 },
    ...(picture !== undefined && {
      pdq: picture.views.slice(0, 1000).map(({ frame, background, crop, pdq, quality, dihedral }) => ({
        ...{ frame, background, crop, pdq, quality },
        ...(frame < TURNED_FRAMES ? { dihedral: [...dihedral] } : {}),
      })),
    }),
    matches: matches.slice(0, 100) as unknown as JsonValue,
    // What was said beside a picture: only where its content may be kept.
    ...(custody.mode === "seal" &&
      find.bytes !== undefined && {
        said: {
          request: excerptOf(event.request),
          ...(event.answer !== undefined && { answer: excerptOf(event.answer) }),
          flagged: flaggedTurns(event),
        },
      }),
  }
}
