/**
 * Status of a commitment: a function of its controls' evidence, of present conditions, and of the time.
 * @module
 */

import type { CommitmentGap, CommitmentState, CommitmentView, ControlView } from "@nightlight/contract/server"
import { type Commitment, type ConditionId, type Control, compact, DAY_MS } from "@nightlight/core"
import { type ConditionState, UNKNOWN_CONDITION } from "./conditions.ts"
import type { Proof } from "./types.ts"

const GAP_CODES: readonly CommitmentGap["code"][] = ["none-yet", "unrecorded", "no-evidence", "not-now", "stale"]

/** Facts from which the status of a commitment follows. */
export interface Known {
  readonly now: Date
  /** The newest events that prove a control. */
  readonly proofOf: (control: Control) => Proof | undefined
  readonly conditionOf: (condition: ConditionId) => ConditionState | undefined
  /** Why the commitment does not apply to the operator; absent if it does. */
  readonly notApplicable?: string | undefined
}

/** Computes a commitment's status. */
export function statusOf({ id, stage, title, controls }: Commitment, known: Known): CommitmentView {
  const views = controls.map((control) => controlOf(control, known))
  const newest = views
    .flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence]))
    .toSorted((a, b) => b.at.localeCompare(a.at))[0]
  const gaps = views.flatMap((view) => gapOf(view, known.now)).toSorted((a, b) => rankOf(a) - rankOf(b))
  return compact({
    id,
    stage,
    title,
    state: known.notApplicable === undefined ? stateOf(views) : ("not-applicable" as const),
    essential: provenOf(views.filter(({ essential }) => essential)),
    proven: provenOf(views),
    reason: known.notApplicable,
    evidence: newest,
    gaps,
    controls: views,
  })
}

function controlOf(control: Control, known: Known): ControlView {
  const { id, title, essential, availability, condition } = control
  const proof = control.evidence.length > 0 ? known.proofOf(control) : undefined
  const now = condition === undefined ? undefined : (known.conditionOf(condition) ?? UNKNOWN_CONDITION)
  return compact({
    id,
    title,
    essential,
    state: availability === "recorded" ? provenState(control, known.now, proof, now) : availability,
    freshDays: control.evidence.length > 0 ? control.freshDays : undefined,
    condition,
    share: now?.share,
    evidence: evidenceOf(control, proof, now),
  })
}

function provenState(
  { evidence, freshDays }: Control,
  now: Date,
  proof: Proof | undefined,
  condition: ConditionState | undefined,
): ControlView["state"] {
  if (evidence.length > 0 && proof === undefined) return "no-evidence"
  if (condition?.holds === false) {
    return evidence.length === 0 && condition.share === undefined ? "no-evidence" : "not-now"
  }
  return proof === undefined || now.getTime() - proof.at.getTime() <= freshDays * DAY_MS ? "proven" : "stale"
}

/** Present conditions are no proof for a control that needs an event. */
function evidenceOf(
  { id, condition, evidence }: Control,
  proof: Proof | undefined,
  state: ConditionState | undefined,
): ControlView["evidence"] {
  if (proof !== undefined) {
    return { control: id, kind: proof.kind, at: proof.at.toISOString(), countLastYear: proof.countLastYear }
  }
  if (evidence.length > 0 || condition === undefined || state?.at === undefined || !state.holds) return undefined
  return { control: id, kind: condition, at: state.at.toISOString() }
}

function stateOf(controls: readonly ControlView[]): CommitmentState {
  const isProven = ({ state }: ControlView) => state === "proven"
  if (controls.filter(({ essential }) => essential).every(isProven)) return "met"
  return controls.some(isProven) ? "partly" : "not-met"
}

function provenOf(controls: readonly ControlView[]) {
  return { met: controls.filter(({ state }) => state === "proven").length, of: controls.length }
}

function gapOf(control: ControlView, now: Date): CommitmentGap[] {
  const { id, essential, state, evidence, freshDays, condition, share } = control
  if (state === "proven") return []
  const gap: CommitmentGap = { code: state, control: id, essential }
  if (state === "not-now") return [compact({ ...gap, condition, share })]
  if (state !== "stale" || evidence === undefined || freshDays === undefined) return [gap]
  const ageDays = Math.floor((now.getTime() - Date.parse(evidence.at)) / DAY_MS)
  return [{ ...gap, lastAt: evidence.at, ageDays, freshDays }]
}

/** Essential ones first, then in the order of the codes. */
function rankOf({ essential, code }: CommitmentGap): number {
  return (essential ? 0 : GAP_CODES.length) + GAP_CODES.indexOf(code)
}
