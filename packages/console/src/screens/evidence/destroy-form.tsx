import { NativeSelect } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { DestructionBody } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { call } from "../../api/call.ts"
import { useCan } from "../../api/me.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { useApprovalRequest } from "../../custody/use-approval-request.ts"
import { Choice } from "../../parts/choice.tsx"
import { day, shortId } from "../../parts/format.ts"
import { OfferForm } from "../../parts/offered-actions.tsx"
import { type LeRequest, requestsQuery } from "./queries.ts"
import { evidence as say } from "./words.ts"

const { destroy: words } = say
type Basis = SchemaOutput<typeof DestructionBody>["basis"]
const BASES = Object.keys(words.bases) as readonly Basis[]
const MAY_ASK: readonly LeRequest["kind"][] = ["destruction", "legal-process", "ncmec"]

/** Requests the destruction of a case's evidence: the ground, and what will be lost. Another person approves it. */
export function DestroyForm(props: {
  readonly caseId: string
  readonly pieces: number
  readonly onClose: (announcement?: string) => void
}): ReactNode {
  const { caseId, pieces, onClose } = props
  const can = useCan()
  const [basis, setBasis] = useState<Basis>("expired")
  const [requestId, setRequestId] = useState("")
  const { data: open = [] } = useQuery({ ...requestsQuery("open", caseId), enabled: can("request:read") })
  const requests = open.filter(({ kind }) => MAY_ASK.includes(kind))
  const ask = useApprovalRequest(
    (body: SchemaOutput<typeof DestructionBody>) => call("POST", `/v1/cases/${caseId}/destruction`, { body }),
    ({ basis }) => ({ kind: "evidence.destroy", subject: caseId, payload: { basis } }),
    ["approvals", "preservation"],
    () => onClose(words.requested),
  )
  const needsRequest = basis !== "expired"
  return (
    <OfferForm
      action={ask}
      label={words.do}
      isFinal
      isReady={!needsRequest || requestId !== ""}
      onCancel={onClose}
      onSubmit={() =>
        ask.mutate(
          compact({
            basis,
            requestId: needsRequest ? requestId : undefined,
          }),
        )
      }
    >
      <p className="quiet">{words.lead}</p>
      <Choice label={words.basis} values={BASES} value={basis} onChange={setBasis} labels={words.bases} />
      {needsRequest && requests.length === 0 && <p>{words.noRequests}</p>}
      {needsRequest && requests.length > 0 && (
        <NativeSelect
          label={words.request}
          description={words.requestHint}
          required
          value={requestId}
          onChange={({ currentTarget: { value } }) => setRequestId(value)}
          data={[{ value: "", label: "" }, ...requests.map(toChoice)]}
        />
      )}
      <div className="lost">
        <h4>{words.lostTitle}</h4>
        <p>{words.lost(pieces)}</p>
        <p className="quiet">{words.stays}</p>
      </div>
    </OfferForm>
  )
}

function toChoice({ requestId, kind, receivedAt }: LeRequest): { readonly value: string; readonly label: string } {
  const words_ = say.requests.kinds[kind] ?? kind
  return { value: requestId, label: `${words_}, ${say.requests.received(day(receivedAt))} (${shortId(requestId)})` }
}
