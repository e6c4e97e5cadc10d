import { NativeSelect } from "@mantine/core"
import type { ApprovalView, DiscloseBody } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { call } from "../../api/call.ts"
import { useCan } from "../../api/me.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { useApprovalRequest } from "../../custody/use-approval-request.ts"
import { Choice } from "../../parts/choice.tsx"
import { shortId } from "../../parts/format.ts"
import { OfferForm } from "../../parts/offered-actions.tsx"
import { useAction } from "../../parts/use-action.ts"
import { OffersColumn } from "./offers-column.tsx"
import { requestQuery } from "./queries.ts"
import { evidence as say } from "./words.ts"

const { disclose, close: closing, disclosures } = say.requests
type Kind = SchemaOutput<typeof DiscloseBody>["kind"]
const KINDS: readonly Kind[] = ["custody-record", "content", "records"]
type Close = (announcement?: string) => void

/** The right column of a request: waiting approvals, then actions to disclose for it and to close it. */
export function RequestActions({ requestId }: { readonly requestId: string }): ReactNode {
  const can = useCan()
  const { data } = useQuery(requestQuery(requestId))
  if (data === undefined) return null
  const isOpen = data.request.state === "open"
  const offers = [
    ...(isOpen && can("evidence:export") && data.request.kind !== "destruction"
      ? [
          {
            id: "disclose",
            label: disclose.open,
            form: (close: Close) => <DiscloseForm requestId={requestId} cases={data.cases} onClose={close} />,
          },
        ]
      : []),
    ...(isOpen && can("request:manage")
      ? [
          {
            id: "close",
            label: closing.open,
            isFinal: true,
            form: (close: Close) => <CloseForm requestId={requestId} onClose={close} />,
          },
        ]
      : []),
  ]
  return <OffersColumn isWaiting={(approval) => names(approval, requestId)} offers={offers} />
}

function names({ payload }: ApprovalView, requestId: string): boolean {
  return typeof payload === "object" && payload !== null && "requestId" in payload && payload.requestId === requestId
}

function DiscloseForm(props: {
  readonly requestId: string
  readonly cases: readonly string[]
  readonly onClose: Close
}): ReactNode {
  const { requestId, cases, onClose } = props
  const [caseId, setCaseId] = useState(cases[0] ?? "")
  const [kind, setKind] = useState<Kind>("custody-record")
  const ask = useApprovalRequest(
    (body: SchemaOutput<typeof DiscloseBody>) => call("POST", `/v1/requests/${requestId}/disclosures`, { body }),
    ({ caseId, kind }) => ({ kind: "evidence.export", subject: caseId, payload: { requestId, kind } }),
    ["approvals", "requests"],
    () => onClose(disclose.asked),
  )
  return (
    <OfferForm
      action={ask}
      label={disclose.do}
      isReady={caseId !== ""}
      onCancel={onClose}
      onSubmit={() => ask.mutate({ caseId, kind })}
    >
      <p className="quiet">{cases.length === 0 ? disclose.noCases : disclose.lead}</p>
      {cases.length > 0 && (
        <>
          <NativeSelect
            label={disclose.case}
            value={caseId}
            onChange={({ currentTarget: { value } }) => setCaseId(value)}
            data={cases.map((value) => ({ value, label: shortId(value) }))}
          />
          <Choice
            label={disclose.kind}
            values={KINDS}
            value={kind}
            onChange={setKind}
            labels={disclosures.kinds}
            hints={disclose.kindHints}
          />
        </>
      )}
    </OfferForm>
  )
}

function CloseForm({ requestId, onClose }: { readonly requestId: string; readonly onClose: Close }): ReactNode {
  const close = useAction(
    () => call("POST", `/v1/requests/${requestId}/close`, { body: {} }),
    ["requests"],
    () => onClose(common.approval.done),
  )
  return (
    <OfferForm action={close} label={closing.do} isFinal onCancel={onClose} onSubmit={() => close.mutate(undefined)}>
      <p className="brick">{closing.what}</p>
    </OfferForm>
  )
}
