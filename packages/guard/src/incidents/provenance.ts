/**
 * The context sealed beside an incident, in the same form as for scans and screenings.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { compact, matchableViews } from "@nightlight/core"
import { excerptOf, flaggedTurns } from "./exchange-content.ts"
import type { Incident } from "./incident.ts"
import type { BlockEvent } from "./ports.ts"

/** How much of an incident is kept: `custody` of the workspace's configuration. */
export interface Custody {
  readonly mode: "locate" | "seal"
  /** Legal basis for keeping sealed copies. */
  readonly basis: string | null
}

/**
 * The facts that a report needs. The end user's account, address and time come only from the operator's own signed
 * headers, never from a body.
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
    pdq: picture === undefined ? undefined : matchableViews({ ...picture, views: picture.views.slice(0, 1000) }),
    matches: matches.slice(0, 100) as unknown as JsonValue,
    // The text around a picture is kept only where its content may be kept.
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
