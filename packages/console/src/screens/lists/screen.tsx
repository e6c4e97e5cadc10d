import { useQuery } from "@tanstack/react-query"
import { useNavigate, useParams } from "@tanstack/react-router"
import { type ReactNode, useCallback } from "react"
import { common } from "#messages/common.ts"
import { useCan } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { useWaitingApprovals } from "../../parts/two-person-queries.ts"
import { Columns } from "../../shell/columns.tsx"
import { isOld } from "./age.tsx"
import { ListColumn } from "./list-column.tsx"
import { ListView } from "./list-view.tsx"
import { Overview } from "./overview.tsx"
import { Places } from "./places.tsx"
import { listsQuery } from "./queries.ts"
import { lists as say } from "./words.ts"
import "./lists.css"

/** The lists page: the hash lists of the index with their age and outcomes, and the false positives. */
export function ListsScreen(): ReactNode {
  const { list } = useParams({ strict: false })
  const navigate = useNavigate()
  const can = useCan()
  const choose = useCallback(
    (name: string) => void navigate({ to: "/lists/$list", params: { list: name } }),
    [navigate],
  )
  useKeys([
    {
      key: "2",
      label: say.keys.policies,
      group: say.keys.group,
      when: can("policy:read"),
      run: () => void navigate({ to: "/policies" }),
    },
    { key: "u", label: say.keys.overview, group: say.keys.group, run: () => void navigate({ to: "/lists" }) },
  ])
  return (
    <Columns
      list={<ListColumn chosen={list} onChoose={choose} />}
      listLabel={say.listLabel}
      chosen={list}
      actions={<ListActions list={list} />}
      actionsLabel={say.actionsLabel}
    >
      <Places here="lists" isNarrow />
      {list === undefined ? <Overview /> : <ListView key={list} name={list} />}
    </Columns>
  )
}

/** The right column: waiting approvals, and where each action on lists is taken, as none is taken here. */
function ListActions({ list: name }: { readonly list: string | undefined }): ReactNode {
  const { data } = useQuery(listsQuery)
  const list = data?.lists.find((each) => each.name === name)
  const waiting = useWaitingApprovals(({ kind, state }) => kind === "list.false-positive" && state === "waiting")
  return (
    <section className="stack">
      <h2>{say.actionsLabel}</h2>
      <p>{waiting.length > 0 ? `${common.approval.waiting}: ${waiting.length}` : say.actions.nothing}</p>
      {list !== undefined && isOld(list) && <p className="amber">{say.actions.old}</p>}
      <p className="quiet">{say.actions.falsePositiveWhere}</p>
      <p className="quiet">{say.actions.operator}</p>
    </section>
  )
}
