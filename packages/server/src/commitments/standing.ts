/**
 * How a commitment stands by what proves its controls: a function of both and of the time alone.
 * @module
 */
import type { CommitmentGap, CommitmentView, ControlView } from "@nightlight/contract/server"
import type { Commitment, Control } from "@nightlight/core"
import type { z } from "zod"
import type { Proof } from "./types.ts"

const DAY_MS = 86_400_000
const GRAVITY: readonly CommitmentGap["code"][] = ["none-yet", "no-evidence", "stale"]

type ControlStanding = z.infer<typeof ControlView>

/** Says how a commitment stands. */
export function standingOf(
  { id, stage, title, controls }: Commitment,
  proofOf: (control: Control) => Proof | undefined,
  now: Date,
): CommitmentView {
  const views = controls.map((control) => controlOf(control, proofOf(control), now))
  const newest = views
    .flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence]))
    .toSorted((a, b) => b.at.localeCompare(a.at))[0]
  const gaps = views.flatMap((view) => gapOf(view, now)).toSorted((a, b) => rankOf(a) - rankOf(b))
  return {
    ...{ id, stage, title, state: stateOf(views) },
    ...(newest !== undefined && { evidence: newest }),
    ...{ gaps, controls: views },
  }
}

function controlOf({ id, title, essential, evidence, freshDays }: Control, proof: Proof | undefined, now: Date) {
  const isThere = evidence.length > 0
  const view: ControlStanding = {
    ...{ id, title, essential, state: isThere ? "no-evidence" : "none-yet" },
    ...(isThere && { freshDays }),
  }
  if (proof === undefined) return view
  const { kind, at, countLastYear } = proof
  const isFresh = now.getTime() - at.getTime() <= freshDays * DAY_MS
  return {
    ...view,
    state: isFresh ? ("fresh" as const) : ("stale" as const),
    evidence: { control: id, kind, at: at.toISOString(), countLastYear },
  }
}

function stateOf(controls: readonly ControlStanding[]): CommitmentView["state"] {
  const essential = controls.filter((control) => control.essential)
  if (essential.some(({ evidence }) => evidence === undefined)) return "gap"
  return essential.every(({ state }) => state === "fresh") ? "fresh" : "stale"
}

function gapOf({ id, essential, state, evidence, freshDays }: ControlStanding, now: Date): CommitmentGap[] {
  if (state === "fresh") return []
  const gap: CommitmentGap = { code: state, control: id, essential }
  if (evidence === undefined || freshDays === undefined) return [gap]
  const ageDays = Math.floor((now.getTime() - Date.parse(evidence.at)) / DAY_MS)
  return [{ ...gap, lastAt: evidence.at, ageDays, freshDays }]
}

/** Essential ones first, then by gravity. */
function rankOf({ essential, code }: CommitmentGap): number {
  return (essential ? 0 : GRAVITY.length) + GRAVITY.indexOf(code)
}
