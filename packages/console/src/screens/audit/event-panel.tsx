import { Button } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { eventData } from "#messages/event-data.ts"
import { eventWords } from "#messages/events.ts"
import { useCan } from "../../api/me.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { count, dateTime } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import type { LogEvent, LogFilter } from "./queries.ts"
import { audit as say } from "./words.ts"

const { event: words } = say

/** The selected event of the log, with all its data. */
export function EventPanel({
  event,
  onSearch,
}: {
  readonly event: LogEvent | undefined
  readonly onSearch: (filter: LogFilter) => void
}): ReactNode {
  if (event === undefined) return <p className="quiet">{words.none}</p>
  const { seq, at, type, actor, data } = event
  const { subject, ...carried } = data
  const about = typeof subject === "string" ? subject : ""
  const members = Object.entries(carried).filter(([, value]) => value !== undefined && value !== null)
  return (
    <section className="stack" aria-live="polite">
      <h2>{words.title(seq)}</h2>
      <Facts>
        <Fact name={words.what} origin={<span className="mono">{type}</span>}>
          {eventWords(type)}
        </Fact>
        <Fact name={words.when} origin={<span className="mono">{at}</span>}>
          {dateTime(at)}
        </Fact>
        <Fact name={words.who} origin={<span className="mono">{actor}</span>}>
          <Name id={actor} />
        </Fact>
        <Fact name={words.about} origin={<OpenLink id={about} />}>
          <RawValue value={about} />
        </Fact>
      </Facts>
      <h3>{words.data}</h3>
      {members.length === 0 && <p className="quiet">{words.noData}</p>}
      {members.length > 0 && (
        <Facts>
          {members.map(([name, value]) => (
            <Fact key={name} name={eventData.name(name)}>
              <RawValue value={value} />
            </Fact>
          ))}
        </Facts>
      )}
      <div className="row">
        {about !== "" && (
          <Button size="compact-sm" variant="default" onClick={() => onSearch({ subject: about })}>
            {words.aboutAll}
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={() => onSearch({ by: actor })}>
          {words.whoAll}
        </Button>
      </div>
    </section>
  )
}

/** A value as the log has it; a person's name beside their id. */
function RawValue({ value }: { readonly value: unknown }): ReactNode {
  if (typeof value === "number") return count(value)
  if (typeof value === "boolean") return value ? eventData.yes : eventData.no
  const text = typeof value === "string" ? value : JSON.stringify(value, undefined, 1)
  return (
    <>
      {text.startsWith("person-") && (
        <>
          <Name id={text} />{" "}
        </>
      )}
      <span className="mono prewrap">{text}</span>
    </>
  )
}

function OpenLink({ id }: { readonly id: string }): ReactNode {
  const can = useCan()
  const { open } = words
  if (id.startsWith("case-") && can("case:read")) {
    return (
      <Link to="/cases/$caseId" params={{ caseId: id }}>
        {open.case}
      </Link>
    )
  }
  if (id.startsWith("report-") && can("report:read")) {
    return (
      <Link to="/reports/$reportId" params={{ reportId: id }}>
        {open.report}
      </Link>
    )
  }
  if (id.startsWith("request-") && can("request:read")) {
    return (
      <Link to="/evidence/$tab/$id" params={{ tab: "requests", id }}>
        {open.request}
      </Link>
    )
  }
  if (/^[0-9a-f]{64}$/.test(id) && can("preservation:read")) {
    return (
      <Link to="/evidence/$tab/$id" params={{ tab: "preserved", id }}>
        {open.evidence}
      </Link>
    )
  }
  return null
}
