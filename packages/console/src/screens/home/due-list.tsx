/**
 * What needs the person now, the first due first; each a way to where it is done.
 * @module
 */
import { Button } from "@mantine/core"
import type { DueItem, HomeView } from "@nightlight/contract/server"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { home as say } from "#messages/home.ts"
import { call } from "../../api/call.ts"
import { useCan } from "../../api/me.ts"
import { Id } from "../../parts/id.tsx"
import { Name } from "../../parts/name.tsx"
import { Fault } from "../../parts/states.tsx"
import { Ago, Due } from "../../parts/time.tsx"
import { useAct } from "../../parts/use-act.ts"

const { due: words } = say

/** How many are shown at first: a page that opens with fifty lines says nothing. */
const FIRST = 10

/** The list. */
export function DueList({ home: { due, dueMore } }: { readonly home: HomeView }): ReactNode {
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole ? due : due.slice(0, FIRST)
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {due.length === 0 && <p className="quiet">{words.empty}</p>}
      {due.length > 0 && (
        <ul className="home-due">
          {shown.map((item) => (
            <li key={`${item.kind} ${item.id} ${item.code}`}>
              <Item item={item} />
            </li>
          ))}
        </ul>
      )}
      {shown.length < due.length && (
        <Button variant="subtle" onClick={() => setWhole(true)} className="home-all">
          {words.all(due.length)}
        </Button>
      )}
      {isWhole && dueMore && <p className="quiet">{words.more}</p>}
    </section>
  )
}

function Item({ item }: { readonly item: DueItem }): ReactNode {
  const { kind, code, dueAt, sinceAt, count } = item
  const can = useCan()
  return (
    <>
      <span>
        <Target item={item} />
        <span className="quiet home-block">
          {words.codes[code] ?? code.replaceAll(/[.-]/g, " ")}
          {count !== undefined && count > 1 && ` · ${words.times(count)}`}
        </span>
      </span>
      <span className="quiet home-when">{dueAt === undefined ? <Ago at={sinceAt} /> : <Due at={dueAt} />}</span>
      {kind === "alarm" && can("alarm:acknowledge") && <Acknowledge id={item.id} />}
    </>
  )
}

/** Where an entry is worked on. */
function Target({ item: { kind, id, code } }: { readonly item: DueItem }): ReactNode {
  const name = words.kinds[kind]
  if (kind === "case" || kind === "second-review" || kind === "resolution") return <CaseLink id={id} name={name} />
  if (kind === "report")
    return code === "to-prepare" ? <CaseLink id={id} name={name} /> : <ReportLink id={id} name={name} />
  if (kind === "act") return <Link to="/acts">{name}</Link>
  if (kind === "request") {
    return (
      <Link to="/evidence/$tab/$id" params={{ tab: "requests", id }}>
        {name}
      </Link>
    )
  }
  if (kind === "list") {
    return (
      <Link to="/lists/$list" params={{ list: id }}>
        {name} {id}
      </Link>
    )
  }
  if (kind === "break-glass" || kind === "training" || kind === "task") {
    const tab = { "break-glass": "sign-on", training: "people", task: "installation" }[kind]
    return (
      <>
        <Link to="/administration/$tab" params={{ tab }}>
          {name}
        </Link>{" "}
        {kind === "training" && <Name id={id} />}
      </>
    )
  }
  return <span>{name}</span>
}

function CaseLink({ id, name }: { readonly id: string; readonly name: string }): ReactNode {
  return (
    <>
      <Link to="/cases/$caseId" params={{ caseId: id }}>
        {name}
      </Link>{" "}
      <Id id={id} />
    </>
  )
}

function ReportLink({ id, name }: { readonly id: string; readonly name: string }): ReactNode {
  return (
    <>
      <Link to="/reports/$reportId" params={{ reportId: id }}>
        {name}
      </Link>{" "}
      <Id id={id} />
    </>
  )
}

function Acknowledge({ id }: { readonly id: string }): ReactNode {
  const acknowledge = useAct(
    (alarm: string) => call("POST", `/v1/alarms/${alarm}/acknowledge`, { body: {} }),
    ["alarms"],
  )
  return (
    <>
      <Button variant="subtle" size="compact-sm" onClick={() => acknowledge.mutate(id)} loading={acknowledge.isPending}>
        {words.acknowledge}
      </Button>
      <Fault error={acknowledge.error} />
    </>
  )
}
