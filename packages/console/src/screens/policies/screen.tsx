import { useQuery } from "@tanstack/react-query"
import { useNavigate, useParams, useSearch } from "@tanstack/react-router"
import { type ReactNode, useCallback, useState } from "react"
import { useCan } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { Empty, Loading } from "../../parts/states.tsx"
import { Columns } from "../../shell/columns.tsx"
import { Places } from "../lists/places.tsx"
import { PolicyActions } from "./action-column.tsx"
import { EditorPage } from "./editor.tsx"
import { policiesQuery } from "./queries.ts"
import { VersionList } from "./version-list.tsx"
import { VersionView } from "./version-view.tsx"
import { policies as say } from "./words.ts"
import "./policies.css"
import { Page } from "../../parts/page.tsx"

/** Stands for a new version in the address. */
const NEW = "new"

/** The policies page: the versions, the selected one or the editor, and the actions on it. */
export function PoliciesScreen(): ReactNode {
  const { digest } = useParams({ strict: false })
  const { from } = useSearch({ strict: false })
  const navigate = useNavigate()
  const can = useCan()
  const { data, error } = useQuery(policiesQuery)
  const choose = useCallback(
    (to: string) => void navigate({ to: "/policies/$digest", params: { digest: to } }),
    [navigate],
  )
  const write = (start: string | undefined) =>
    void navigate({
      to: "/policies/$digest",
      params: { digest: NEW },
      search: start === undefined ? {} : { from: start },
    })
  const mayWrite = can("policy:edit")
  useKeys([
    { key: "n", label: say.keys.write, group: say.keys.group, run: () => write(undefined), when: mayWrite },
    {
      key: "1",
      label: say.keys.lists,
      group: say.keys.group,
      when: can("list:read"),
      run: () => void navigate({ to: "/lists" }),
    },
  ])
  const shown = digest ?? data?.active
  const list = <VersionList chosen={shown} onChoose={choose} onWrite={() => write(undefined)} />
  if (shown === NEW && mayWrite) {
    const start = from ?? data?.active ?? data?.policies[0]?.digest
    if (start !== undefined) return <EditorPage from={start} list={list} onKept={choose} />
  }
  if (shown === undefined || shown === NEW) {
    return (
      <Columns list={list} listLabel={say.listLabel}>
        <Places here="policies" isNarrow />
        {data === undefined ? (
          // The list shows the error with a button to retry.
          error === null && <Loading />
        ) : (
          <Page title={say.title} lead={say.lead} isColumn>
            <Empty title={say.noActiveTitle} hint={say.noActiveHint} />
          </Page>
        )}
      </Columns>
    )
  }
  return <VersionPage key={shown} digest={shown} list={list} onWrite={() => write(shown)} />
}

function VersionPage(props: {
  readonly digest: string
  readonly list: ReactNode
  readonly onWrite: () => void
}): ReactNode {
  const { digest, list, onWrite } = props
  const [trialId, setTrialId] = useState<string>()
  return (
    <Columns
      list={list}
      listLabel={say.listLabel}
      chosen={digest}
      actions={<PolicyActions digest={digest} onTrial={setTrialId} onWrite={onWrite} />}
      actionsLabel={say.actionsLabel}
    >
      <Places here="policies" isNarrow />
      <VersionView digest={digest} trialId={trialId} onTrial={setTrialId} />
    </Columns>
  )
}
