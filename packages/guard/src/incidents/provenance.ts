/**
 * What is sealed beside an incident, in the form that scans and screenings seal.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { excerptOf, flaggedTurns } from "./exchange-content.ts"
import type { Incident } from "./incident.ts"
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
export function provenanceOf(
  event: BlockEvent,
  incident: Incident,
  custody: Custody,
  exchangeEvidence?: string,
): JsonValue {
  const { user, accountRecord, caller, outcome } = event
  const { fingerprint, matches } = incident
  const { md5, sha1, picture } = fingerprint ?? {}
  return compact({
    finding: incident.id,
    exchange: event.exchange,
    exchangeEvidence,
    account: user?.id,
    endUser:
      user === undefined
        ? undefined
        : compact({
            ip: user.ip,
            port: user.port,
            at: user.at,
            conversation: user.conversation,
            ageBand: accountRecord?.ageBand ?? user.ageBand ?? "unknown",
          }),
    caller: caller.id,
    endpoint: event.endpoint,
    direction: event.direction,
    model: event.model,
    custody: { mode: custody.mode, basis: custody.basis },
    screenedAt: event.at.toISOString(),
    decision: outcome.decision,
    signals: outcome.signals.slice(0, 200).map(({ check, rule, decision, category, score, shadow }) =>
      compact({
        check,
        rule,
        decision,
        category,
        score,
        shadow: shadow === true ? shadow : undefined,
      }),
    ),
    digests: compact({
      md5: md5 || undefined,
      sha1: sha1 || undefined,
      sha256: incident.sha256,
    }),
    pdq:
      picture === undefined
        ? undefined
        : picture.views.slice(0, 1000).map(({ frame, background, crop, pdq, quality, dihedral }) =>
            compact({
              frame,
              background,
              crop,
              pdq,
              quality,
              dihedral: frame < TURNED_FRAMES ? [...dihedral] : undefined,
            }),
          ),
    matches: matches.slice(0, 100) as unknown as JsonValue,
    // What was said beside a picture: only where its content may be kept.
    said:
      custody.mode === "seal" && incident.bytes !== undefined
        ? compact({
            request: excerptOf(event.request),
            answer: event.answer === undefined ? undefined : excerptOf(event.answer),
            flagged: flaggedTurns(event),
          })
        : undefined,
  })
}
