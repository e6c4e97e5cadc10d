import { Button } from "@mantine/core"
import type { RestoreState } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { call } from "../../../api/call.ts"
import { useCan } from "../../../api/me.ts"
import { dateTime, shortId } from "../../../parts/format.ts"
import { Failed, Fault } from "../../../parts/states.tsx"
import { useAction } from "../../../parts/use-action.ts"
import { type RestoreReconciled, restoreQuery } from "../queries.ts"
import { administration as say } from "../words.ts"
import { SuspendedList } from "./suspended.tsx"

const { restore: words } = say.installation

/**
 * A restore that is open: which keys and sources it suspended, and a form to close it. Empty if none is open or was
 * just closed.
 */
export function OpenRestore(): ReactNode {
  const mayManage = useCan()("operations:manage")
  const { data: state, error, refetch } = useQuery({ ...restoreQuery, enabled: mayManage })
  const [result, setResult] = useState<RestoreReconciled>()
  const close = useAction(
    () => call<RestoreReconciled>("POST", "/v1/operations/restore/reconcile"),
    ["operations", "sources", "people"],
    setResult,
  )
  if (error !== null && state === undefined) return <Failed error={error} onRetry={() => void refetch()} />
  if (state === undefined || (!state.open && result === undefined)) return null
  return (
    <section className="stack" aria-label={words.title}>
      <h2>{words.title}</h2>
      {state.open && <RestoreForm state={state} />}
      {result !== undefined && <Outcome result={result} isOpen={state.open} />}
      {state.open && (
        <div className="stack-tight">
          <div className="row">
            <Button loading={close.isPending} onClick={() => close.mutate(undefined)}>
              {words.close}
            </Button>
          </div>
          <p className="quiet">{words.closeHint}</p>
          <Fault error={close.error} />
        </div>
      )}
    </section>
  )
}

function RestoreForm({ state }: { readonly state: RestoreState }): ReactNode {
  const { backup = "", restoredAt, suspended = [] } = state
  const from = backup === "other-server" ? words.otherServer : shortId(backup)
  return (
    <>
      <div className="stack-tight">
        <p className="amber" title={backup}>
          {words.of(from, restoredAt === undefined ? "" : dateTime(restoredAt))}
        </p>
        <p>{words.lead}</p>
      </div>
      <SuspendedList ids={suspended} />
    </>
  )
}

/** The result of comparing the database with the custodian's journal. */
function Outcome({ result, isOpen }: { readonly result: RestoreReconciled; readonly isOpen: boolean }): ReactNode {
  const { suspended, differing, replayed, paused, lostUntil } = result
  return (
    <div role="status" className="stack-tight">
      <p>{isOpen ? words.left(suspended.length, differing) : words.closed}</p>
      {paused && <p className="amber">{words.filingPaused}</p>}
      {replayed > 0 && <p className="quiet">{words.replayed(replayed)}</p>}
      {lostUntil !== undefined && <p className="amber">{words.lostUntil(dateTime(lostUntil))}</p>}
    </div>
  )
}
