import { Button } from "@mantine/core"
import type { DueItem, HomeView } from "@nightlight/contract/server"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { call } from "../../api/call.ts"
import { useCan } from "../../api/me.ts"
import { Fault } from "../../parts/states.tsx"
import { Ago, Due } from "../../parts/time.tsx"
import { useAction } from "../../parts/use-action.ts"
import { type DueLine, dueLines } from "./due-lines.ts"
import { About, Target } from "./due-target.tsx"
import { home as say } from "./words.ts"

const { due: words } = say

/** Number of lines shown at first; a button shows the rest. */
const FIRST = 10

/** The worklist: what needs the user now, the first due first, each as a link to where it is done. */
export function DueList({ home }: { readonly home: HomeView }): ReactNode {
  const [isWhole, setWhole] = useState(false)
  const lines = dueLines(home)
  const [seen, setSeen] = useState<SeenAlarm>()
  const shown = isWhole ? lines : lines.slice(0, FIRST)
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {seen !== undefined && <UndoSeen seen={seen} onOver={() => setSeen(undefined)} />}
      {lines.length === 0 && <p className="quiet">{words.empty}</p>}
      {lines.length > 0 && (
        <ul className="home-due">
          {shown.map((line) => (
            <li key={keyOf(line)}>
              {"item" in line ? <EntryLine item={line.item} onSeen={setSeen} /> : <SummaryLine line={line} />}
            </li>
          ))}
        </ul>
      )}
      {shown.length < lines.length && (
        <Button variant="subtle" onClick={() => setWhole(true)} className="home-all">
          {words.all(lines.length)}
        </Button>
      )}
      {shown.length === lines.length && home.dueMore && <p className="quiet">{words.more}</p>}
    </section>
  )
}

const keyOf = (line: DueLine): string =>
  "item" in line ? `${line.item.kind} ${line.item.id} ${line.item.code}` : line.kind

/** An alarm that the user just marked as seen. */
interface SeenAlarm {
  readonly id: string
  readonly what: string
}

function EntryLine({
  item,
  onSeen,
}: {
  readonly item: DueItem
  readonly onSeen: (seen: SeenAlarm) => void
}): ReactNode {
  const { kind, code, dueAt, sinceAt, count } = item
  const can = useCan()
  return (
    <>
      <span>
        <Target item={item}>{words.codes[kind]?.[code] ?? words.other(code)}</Target>
        <span className="quiet block">
          {words.kinds[kind]}
          <About item={item} />
          {count !== undefined && count > 1 && ` · ${words.times(count)}`}
        </span>
      </span>
      <span className="quiet home-when">{dueAt === undefined ? <Ago at={sinceAt} /> : <Due at={dueAt} />}</span>
      {kind === "alarm" && can("alarm:acknowledge") && (
        <Acknowledge
          id={item.id}
          onSeen={() => onSeen({ id: item.id, what: words.codes[kind]?.[code] ?? words.other(code) })}
        />
      )}
    </>
  )
}

function SummaryLine({ line }: { readonly line: Exclude<DueLine, { readonly item: DueItem }> }): ReactNode {
  const { kind, first, count, orMore } = line
  return (
    <>
      <span>
        <Link to="/cases">{words.many[kind](orMore ? words.atLeast(count) : String(count))}</Link>
        <span className="quiet block">{words.manyHint}</span>
      </span>
      <span className="quiet home-when">
        {first.dueAt === undefined ? <Ago at={first.sinceAt} /> : <Due at={first.dueAt} />}
      </span>
    </>
  )
}

/** Offers to undo marking an alarm as seen, as long as the page is open. */
function UndoSeen({ seen, onOver }: { readonly seen: SeenAlarm; readonly onOver: () => void }): ReactNode {
  const undo = useAction((id: string) => call("POST", `/v1/alarms/${id}/reopen`, { body: {} }), ["alarms"], onOver)
  return (
    <p className="row" role="status">
      <span>{words.seen(seen.what)}</span>
      <Button variant="default" size="compact-sm" onClick={() => undo.mutate(seen.id)} loading={undo.isPending}>
        {words.undo}
      </Button>
      <Fault error={undo.error} />
    </p>
  )
}

function Acknowledge({ id, onSeen }: { readonly id: string; readonly onSeen: () => void }): ReactNode {
  const acknowledge = useAction(
    (alarm: string) => call("POST", `/v1/alarms/${alarm}/acknowledge`, { body: {} }),
    ["alarms"],
    onSeen,
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
