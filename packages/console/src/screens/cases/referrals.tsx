import { NativeSelect, TextInput } from "@mantine/core"
import type { AuthorityList, ReferralBody, ReferralList } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { call } from "../../api/call.ts"
import { useCan } from "../../api/me.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { Name } from "../../parts/name.tsx"
import { OfferedActions, OfferForm } from "../../parts/offered-actions.tsx"
import { Ago } from "../../parts/time.tsx"
import { useAction } from "../../parts/use-action.ts"
import { cases as say } from "./words.ts"

const { referral: words } = say

const authoritiesQuery = queryOptions({
  queryKey: ["authorities"],
  queryFn: async ({ signal }) =>
    (await call<SchemaOutput<typeof AuthorityList>>("GET", "/v1/authorities", { signal })).authorities,
  staleTime: Number.POSITIVE_INFINITY,
})

const referralsQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["cases", caseId, "referrals"],
    queryFn: async ({ signal }) =>
      (await call<SchemaOutput<typeof ReferralList>>("GET", `/v1/cases/${caseId}/referrals`, { signal })).referrals,
  })

/**
 * Reports of a case to authorities other than the CyberTipline, which people make elsewhere and record here, with a
 * form for another. For people who may read reports.
 */
export function Referrals({ caseId }: { readonly caseId: string }): ReactNode {
  const { data: authorities = [] } = useQuery(authoritiesQuery)
  const { data: referrals = [] } = useQuery(referralsQuery(caseId))
  const mayRefer = useCan()("report:prepare")
  const manual = authorities.filter(({ filing }) => filing === "manual")
  const nameOf = (id: string) => authorities.find((each) => each.id === id)?.name ?? id
  return (
    <>
      {referrals.map(({ referralId, authority, madeBy, madeAt }) => (
        <p key={referralId}>
          {words.made(nameOf(authority))}
          <span className="quiet block">
            <Name id={madeBy} />, <Ago at={madeAt} />
          </span>
        </p>
      ))}
      {mayRefer && manual.length > 0 && (
        <OfferedActions
          key={caseId}
          offers={[
            {
              id: "refer",
              label: words.offer,
              form: (close) => <ReferForm caseId={caseId} authorities={manual} onClose={close} />,
            },
          ]}
        />
      )}
    </>
  )
}

function ReferForm(props: {
  readonly caseId: string
  readonly authorities: SchemaOutput<typeof AuthorityList>["authorities"]
  readonly onClose: (announcement?: string) => void
}): ReactNode {
  const { caseId, authorities, onClose } = props
  const [chosen, setChosen] = useState(authorities[0]?.id ?? "")
  const [reference, setReference] = useState("")
  const refer = useAction(
    (body: SchemaOutput<typeof ReferralBody>) => call("POST", `/v1/cases/${caseId}/referrals`, { body }),
    ["cases"],
    () => onClose(words.recorded),
  )
  const page = authorities.find(({ id }) => id === chosen)?.page
  return (
    <OfferForm
      action={refer}
      label={words.record}
      isReady={reference.trim() !== ""}
      onCancel={onClose}
      onSubmit={() => refer.mutate({ authority: chosen, reference: reference.trim() })}
    >
      <p className="quiet">{words.lead}</p>
      <NativeSelect
        label={words.authority}
        value={chosen}
        onChange={({ currentTarget: { value } }) => setChosen(value)}
        data={authorities.map(({ id, name }) => ({ value: id, label: name }))}
      />
      {page !== undefined && (
        <p className="quiet">
          {words.page} <span className="mono prewrap">{page}</span>
        </p>
      )}
      <TextInput
        label={words.reference}
        description={words.referenceHint}
        required
        maxLength={500}
        value={reference}
        onChange={({ currentTarget: { value } }) => setReference(value)}
      />
    </OfferForm>
  )
}
