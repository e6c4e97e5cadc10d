import { Button } from "@mantine/core"
import type { DecisionBody } from "@nightlight/contract/server"
import { type ReactNode, useEffect, useState } from "react"
import { call } from "../../../api/call.ts"
import { useKeys } from "../../../keys/keys.tsx"
import { Fault } from "../../../parts/states.tsx"
import { useAction } from "../../../parts/use-action.ts"
import { type CaseDetail, showCase } from "../queries.ts"
import { cases as say } from "../words.ts"

const { decide: words, keys } = say

/** A decision that was just made. */
export interface GivenDecision {
  readonly caseId: string
  readonly basis: DecisionBody["basis"]
  /** ISO 8601. */
  readonly undoUntil: string
}

/** Counts down the seconds in which the last decision can be undone, with a button to undo it. */
export function UndoBar({
  given,
  onUndone,
  onOver,
}: {
  readonly given: GivenDecision
  readonly onUndone: (head: CaseDetail) => void
  readonly onOver: () => void
}): ReactNode {
  const [left, setLeft] = useState(() => secondsUntil(given.undoUntil))
  const undo = useAction(
    (caseId: string) => call<CaseDetail>("POST", `/v1/cases/${caseId}/decisions/undo`, { body: {} }),
    ["cases"],
    (head, _input, client) => {
      showCase(client, head)
      onUndone(head)
    },
  )
  useEffect(() => {
    const timer = setInterval(() => {
      const next = secondsUntil(given.undoUntil)
      setLeft(next)
      if (next <= 0) onOver()
    }, 250)
    return () => clearInterval(timer)
  }, [given, onOver])
  useKeys([
    {
      key: "u",
      label: keys.undo,
      group: keys.group,
      run: () => undo.isPending || undo.mutate(given.caseId),
      when: left > 0,
    },
  ])
  if (left <= 0) return null
  return (
    <div className="cases-undo" role="status">
      <span aria-live="off">{words.undoLine(words.basis[given.basis], left)}</span>
      <Button variant="default" size="compact-sm" onClick={() => undo.mutate(given.caseId)} loading={undo.isPending}>
        {words.undo} (u)
      </Button>
      <Fault error={undo.error} />
    </div>
  )
}

const secondsUntil = (iso: string): number => Math.ceil((Date.parse(iso) - Date.now()) / 1000)
