import { Button } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { call } from "../../../api/call.ts"
import { useCan } from "../../../api/me.ts"
import { ConfirmDialog } from "../../../parts/confirm-dialog.tsx"
import { DataTable } from "../../../parts/data-table.tsx"
import { Fact, Facts } from "../../../parts/facts.tsx"
import { day } from "../../../parts/format.ts"
import { Name } from "../../../parts/name.tsx"
import { Page } from "../../../parts/page.tsx"
import { useAction } from "../../../parts/use-action.ts"
import { useNow } from "../../../parts/use-now.ts"
import type { Person } from "../queries.ts"
import { administration as say } from "../words.ts"
import { mustBeTrained, SOON_MS } from "./account-status.ts"

const { people: words } = say
const { facts } = words

/** The middle column: a person's account, roles and training. */
export function PersonDetails({ person }: { readonly person: Person }): ReactNode {
  const { id, name, email, madeAt, madeBy, joinedAt, deactivatedAt, custodyKeyAt } = person
  return (
    <Page title={name} lead={email} isColumn>
      <Facts>
        <Fact name={facts.invited}>
          {day(madeAt)}, <Name id={madeBy} />
        </Fact>
        <Fact name={facts.joined}>{joinedAt === undefined ? facts.notJoined : day(joinedAt)}</Fact>
        {deactivatedAt !== undefined && <Fact name={facts.left}>{day(deactivatedAt)}</Fact>}
        <Fact name={facts.training}>
          <TrainingWords person={person} />
        </Fact>
        <Fact name={facts.key}>{custodyKeyAt === undefined ? facts.noKey : facts.keySince(day(custodyKeyAt))}</Fact>
        <Fact name={facts.id}>
          <span className="mono">{id}</span>
        </Fact>
      </Facts>
      <Roles person={person} />
    </Page>
  )
}

function TrainingWords({ person }: { readonly person: Person }): ReactNode {
  const { training } = person
  const now = useNow()
  if (training === undefined) {
    const isMissing = mustBeTrained(person)
    return <span className={isMissing ? "amber" : ""}>{isMissing ? facts.untrainedReviewer : facts.untrained}</span>
  }
  const { trainedAt, renewsAt, current } = training
  if (!current) return <span className="amber">{facts.lapsed(day(renewsAt))}</span>
  const isSoon = Date.parse(renewsAt) - now < SOON_MS
  return (
    <>
      {facts.trained(day(trainedAt))}, {facts.until(day(renewsAt))}
      {isSoon && <span className="amber">: {facts.soon}</span>}
    </>
  )
}

function Roles({ person }: { readonly person: Person }): ReactNode {
  const { roles: labels, roleNames, roleMeans } = words
  const can = useCan()
  const [removing, setRemoving] = useState<string>()
  const remove = useAction(
    (role: string) => call("DELETE", `/v1/people/${person.id}/roles/${role}`),
    ["people"],
    () => setRemoving(undefined),
  )
  const mayRemove = can("person:manage") && person.deactivatedAt === undefined
  return (
    <section className="stack">
      <h2>{labels.title}</h2>
      <DataTable
        className="administration-actions"
        rows={person.roles}
        none={labels.none}
        keyOf={({ role }) => role}
        columns={[
          {
            name: labels.columns.role,
            cell: ({ role }) => (
              <>
                {roleNames[role] ?? role}
                <div className="quiet">{roleMeans[role]}</div>
              </>
            ),
          },
          { name: labels.columns.since, className: "administration-day", cell: ({ grantedAt }) => day(grantedAt) },
          {
            name: labels.columns.by,
            cell: ({ requestedBy, approvedBy }) =>
              requestedBy === "system-setup" ? (
                labels.setUp
              ) : (
                <>
                  <Name id={requestedBy} />, <Name id={approvedBy} />
                </>
              ),
          },
          {
            cell: ({ role }) =>
              mayRemove && (
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`${labels.remove}: ${roleNames[role] ?? role}`}
                  onClick={() => setRemoving(role)}
                >
                  {labels.remove}
                </Button>
              ),
          },
        ]}
      />
      {removing !== undefined && (
        <ConfirmDialog
          title={labels.removeTitle(roleNames[removing] ?? removing, person.name)}
          what={labels.removeWhat}
          label={labels.removeDo}
          action={remove}
          onDo={() => remove.mutate(removing)}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </section>
  )
}
