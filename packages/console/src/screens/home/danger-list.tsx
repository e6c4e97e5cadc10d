import { Button } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { HomeDanger, HomeView } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { danger as say } from "#messages/danger.ts"
import { call } from "../../api/call.ts"
import { useCan } from "../../api/me.ts"
import { callWords } from "../../parts/danger-words.ts"
import { dateTime } from "../../parts/format.ts"
import { CaseId } from "../../parts/linked-id.tsx"
import { Name } from "../../parts/name.tsx"
import { Fault } from "../../parts/states.tsx"
import { Ago } from "../../parts/time.tsx"
import { useAction } from "../../parts/use-action.ts"

const { home: words } = say

/** Cases in which a child may be in danger now. They come first on the page, even if somebody works on them. */
export function DangerList({ home }: { readonly home: Pick<HomeView, "danger" | "onCall"> }): ReactNode {
  return (
    <section className="home-danger stack" aria-labelledby="home-danger">
      <h2 id="home-danger">{say.flag}</h2>
      <ul>
        {home.danger.map((entry) => (
          <li key={entry.caseId}>
            <Entry entry={entry} onCall={home.onCall ?? { pager: "none" }} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Entry(props: { readonly entry: HomeDanger; readonly onCall: NonNullable<HomeView["onCall"]> }): ReactNode {
  const { entry, onCall } = props
  const { caseId, at, state, holder, alarm } = entry
  return (
    <>
      <p>
        <CaseId caseId={caseId} />
        {state !== undefined && ` ${words.states[state]}. `}
        {state !== undefined &&
          state !== "decided" &&
          (holder === undefined ? (
            words.nobody
          ) : (
            <>
              <Name id={holder.by} /> {words.holder} {dateTime(holder.until)}.
            </>
          ))}
      </p>
      <p>{callWords(compact({ onCall, call: entry.call })).join(" ")}</p>
      <p className="quiet row">
        <span>
          {words.since} <Ago at={at} />
        </span>
        {alarm !== undefined && <Seen alarm={alarm} />}
      </p>
    </>
  )
}

function Seen({ alarm }: { readonly alarm: NonNullable<HomeDanger["alarm"]> }): ReactNode {
  const can = useCan()
  const { id, seen } = alarm
  const mark = useAction(
    (as: "acknowledge" | "reopen") => call("POST", `/v1/alarms/${id}/${as}`, { body: {} }),
    ["alarms"],
  )
  return (
    <>
      {seen !== undefined && (
        <span role="status">
          {words.seenBy} <Name id={seen.by} />, {dateTime(seen.at)}
        </span>
      )}
      {can("alarm:acknowledge") && (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => mark.mutate(seen === undefined ? "acknowledge" : "reopen")}
          loading={mark.isPending}
        >
          {seen === undefined ? words.seen : words.undo}
        </Button>
      )}
      <Fault error={mark.error} />
    </>
  )
}
