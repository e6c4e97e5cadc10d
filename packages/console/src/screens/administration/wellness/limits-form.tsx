import { Button, NumberInput } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { call } from "../../../api/call.ts"
import { useCan } from "../../../api/me.ts"
import { DataTable } from "../../../parts/data-table.tsx"
import { Fault } from "../../../parts/states.tsx"
import { useAction } from "../../../parts/use-action.ts"
import type { Limits } from "../queries.ts"
import { administration as say } from "../words.ts"
import { ChangeWords } from "./change-words.tsx"
import { BOUNDS, LIMIT_NAMES, toChanges, toTyped } from "./limits.ts"

const { wellness: words } = say

/** The limits with their meaning; for counsel, a field to set each. */
export function LimitsForm({ limits }: { readonly limits: Limits }): ReactNode {
  const mayManage = useCan()("exposure:manage")
  const [typed, setTyped] = useState(() => toTyped(limits))
  const set = useAction(
    (body: Partial<Limits>) => call<Limits>("PUT", "/v1/exposure/limits", { body }),
    ["exposure"],
    (now) => setTyped(toTyped(now)),
  )
  const changes = toChanges(typed, limits)
  const isChanged = Object.keys(changes).length > 0
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        set.mutate(changes)
      }}
    >
      <h2>{words.limits}</h2>
      <DataTable
        className="administration-limits"
        rows={LIMIT_NAMES}
        keyOf={(name) => name}
        columns={[
          {
            cell: (name) => (
              <>
                {words.names[name]}
                <div className="quiet" id={`means-${name}`}>
                  {words.means[name]}
                </div>
              </>
            ),
          },
          {
            className: "administration-limit",
            cell: (name) =>
              mayManage ? (
                <NumberInput
                  aria-label={words.names[name]}
                  aria-describedby={`means-${name}`}
                  min={BOUNDS[name][0]}
                  max={BOUNDS[name][1]}
                  allowDecimal={false}
                  allowNegative={false}
                  value={typed[name]}
                  onChange={(value) => setTyped({ ...typed, [name]: String(value) })}
                />
              ) : (
                limits[name]
              ),
          },
        ]}
      />
      {mayManage ? (
        <>
          <ChangeWords changes={changes} before={limits} />
          <Fault error={set.error} />
          <div className="row">
            <Button type="submit" disabled={!isChanged} loading={set.isPending}>
              {words.set}
            </Button>
            <span role="status" className="quiet">
              {set.isSuccess && !isChanged ? words.saved : isChanged ? "" : words.unchanged}
            </span>
          </div>
        </>
      ) : (
        <p className="quiet">{words.readOnly}</p>
      )}
    </form>
  )
}
