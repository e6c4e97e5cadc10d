import { useNavigate, useParams } from "@tanstack/react-router"
import { type ReactNode, useCallback } from "react"
import { useCan } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { Columns } from "../../shell/columns.tsx"
import { RequiresPermission } from "../../shell/no-access.tsx"
import { CertificatePage } from "./certificate.tsx"
import { Overview } from "./overview.tsx"
import { CaseActions } from "./preserved-actions.tsx"
import { PreservedList } from "./preserved-list.tsx"
import { PreservedView } from "./preserved-view.tsx"
import { RequestActions } from "./request-actions.tsx"
import { RequestForm } from "./request-form.tsx"
import { RequestView } from "./request-view.tsx"
import { RequestsList } from "./requests-list.tsx"
import { evidence as say } from "./words.ts"
import "./evidence.css"

/** The evidence page: a tab of preserved evidence and a tab of requests from authorities. */
export function EvidenceScreen(): ReactNode {
  const { tab, id } = useParams({ strict: false })
  const navigate = useNavigate()
  const can = useCan()
  const first = can("preservation:read") ? "preserved" : "requests"
  const shown = tab ?? first
  const show = useCallback(
    (to: string, one?: string) =>
      void (one === undefined
        ? navigate({ to: "/evidence/$tab", params: { tab: to } })
        : navigate({ to: "/evidence/$tab/$id", params: { tab: to, id: one } })),
    [navigate],
  )
  useKeys([
    {
      key: "1",
      label: say.keys.preserved,
      group: say.keys.group,
      run: () => show("preserved"),
      when: can("preservation:read"),
    },
    {
      key: "2",
      label: say.keys.requests,
      group: say.keys.group,
      run: () => show("requests"),
      when: can("request:read"),
    },
  ])
  const choosePiece = useCallback((one: string) => show("preserved", one), [show])
  const chooseRequest = useCallback((one: string) => show("requests", one), [show])
  if (shown === "certificates" && id !== undefined) return <CertificatePage certificateId={id} />
  if (shown === "requests") {
    return (
      <RequiresPermission permission="request:read">
        <Columns
          listLabel={say.requests.listLabel}
          list={<RequestsList chosen={id} onChoose={chooseRequest} onTab={show} />}
          chosen={id}
          actions={id === undefined || id === "new" ? undefined : <RequestActions key={id} requestId={id} />}
          actionsLabel={say.actionsLabel}
        >
          {id === undefined && <Overview />}
          {id === "new" && <RequestForm onMade={chooseRequest} onCancel={() => show("requests")} />}
          {id !== undefined && id !== "new" && <RequestView key={id} requestId={id} />}
        </Columns>
      </RequiresPermission>
    )
  }
  return (
    <RequiresPermission permission="preservation:read">
      <Columns
        listLabel={say.listLabel}
        list={<PreservedList chosen={id} onChoose={choosePiece} onTab={show} />}
        chosen={id}
        actions={id === undefined ? undefined : <CaseActions key={id} id={id} />}
        actionsLabel={say.actionsLabel}
      >
        {id === undefined ? <Overview /> : <PreservedView key={id} id={id} />}
      </Columns>
    </RequiresPermission>
  )
}
