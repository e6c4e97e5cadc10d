/**
 * One person: since when, in which roles, trained until when.
 * @module
 */
import { Button } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { administration as say } from "#messages/administration.ts"
import { call } from "../../../api/call.ts"
import { useCan } from "../../../api/me.ts"
import { Fact, Facts } from "../../../parts/facts.tsx"
import { day } from "../../../parts/format.ts"
import { Name } from "../../../parts/name.tsx"
import { useAct } from "../../../parts/use-act.ts"
import { useNow } from "../../../parts/use-now.ts"
import { Sure } from "../parts/sure.tsx"
import type { Person } from "../queries.ts"
import { mustBeTrained, SOON_MS } from "./standing.ts"

const { people: words } = say
const { facts } = words

/** The middle column. */
export function PersonShown({ person }: { readonly person: Person }): ReactNode {
  const { id, name, email, madeAt, madeBy, joinedAt, deactivatedAt, custodyKeyAt } = person
  return (
    <article className="stack-wide">
      <header className="stack-tight">
        <h1>{name}</h1>
        <p className="quiet">{email}</p>
      </header>
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
    </article>
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
  const [taking, setTaking] = useState<string>()
  const take = useAct(
    (role: string) => call("DELETE", `/v1/people/${person.id}/roles/${role}`),
    ["people"],
    () => setTaking(undefined),
  )
  const mayTake = can("person:manage") && person.deactivatedAt === undefined
  return (
    <section className="stack">
      <h2>{labels.title}</h2>
      {person.roles.length === 0 && <p className="quiet">{labels.none}</p>}
      {person.roles.length > 0 && (
        <div className="administration-scroll">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{labels.columns.role}</th>
                <th scope="col">{labels.columns.since}</th>
                <th scope="col">{labels.columns.by}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {person.roles.map(({ role, grantedAt, askedBy, secondedBy }) => (
                <tr key={role}>
                  <td>
                    {roleNames[role] ?? role}
                    <div className="quiet">{roleMeans[role]}</div>
                  </td>
                  <td className="administration-day">{day(grantedAt)}</td>
                  <td>
                    {askedBy === "system-setup" ? (
                      labels.setUp
                    ) : (
                      <>
                        <Name id={askedBy} />, <Name id={secondedBy} />
                      </>
                    )}
                  </td>
                  <td>
                    {mayTake && (
                      <Button
                        size="compact-sm"
                        variant="default"
                        aria-label={`${labels.remove}: ${roleNames[role] ?? role}`}
                        onClick={() => setTaking(role)}
                      >
                        {labels.remove}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {taking !== undefined && (
        <Sure
          title={labels.removeTitle(roleNames[taking] ?? taking, person.name)}
          what={labels.removeWhat}
          label={labels.removeDo}
          isBusy={take.isPending}
          error={take.error}
          onDo={() => take.mutate(taking)}
          onClose={() => {
            take.reset()
            setTaking(undefined)
          }}
        />
      )}
    </section>
  )
}
