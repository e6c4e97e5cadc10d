import type { HomeView } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { Fact, Facts } from "../../parts/facts.tsx"
import { dateTime } from "../../parts/format.ts"
import { Ago } from "../../parts/time.tsx"
import { Copies } from "./copies.tsx"
import { decodingWords } from "./decoding-words.ts"
import { health as words } from "./words-health.ts"

const { parts } = words

/** The state of each part of the installation, in words; those that need attention are amber. */
export function Health({ health }: { readonly health: NonNullable<HomeView["health"]> }): ReactNode {
  const { database, worker, custodian, custody, decoding, lists, guards, filing, pager, log, backup, restore } = health
  const { checkpointCopies: copies } = health
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <Facts>
        <Fact name={parts.server}>{words.server}</Fact>
        <State name={parts.database} isWell={database === "ready"}>
          {words.database[database]}
        </State>
        <State
          name={parts.worker}
          isWell={worker.state === "running"}
          at={worker.state === "running" ? undefined : worker.seenAt}
        >
          {words.worker[worker.state]}
        </State>
        <State name={parts.custodian} isWell={custodian === "ready"}>
          {words.custodian[custodian]}
        </State>
        <State
          name={parts.decoding}
          isWell={decoding.server.isolation !== "none" && decoding.custodian.isolation !== "none"}
        >
          {words.decodingOf(decodingWords(decoding.server), decodingWords(decoding.custodian))}
        </State>
        <State name={parts.custody} isWell={custody === "separated"}>
          {words.custody[custody]}
        </State>
        <State name={parts.lists} isWell={lists.state === "live"}>
          {words.lists[lists.state]}
          {lists.lists !== undefined && lists.oldestAsOf !== undefined && (
            <span className="quiet block">{words.listsMore(lists.lists, lists.oldestAsOf)}</span>
          )}
        </State>
        <State name={parts.guards} isWell={guards.state === "reporting" || guards.state === "none"} at={guards.seenAt}>
          {words.guards[guards.state]}
        </State>
        <State name={parts.filing} isWell={!filing.paused}>
          {words.filing[filing.environment]}
          {filing.paused && `, ${filing.why === undefined ? words.pausedPlain : words.paused[filing.why]}`}
        </State>
        <State name={parts.pager} isWell={pager.state === "set" && pager.last?.state !== "failing"}>
          {words.pager[pager.state]}
          <span className="quiet block">{lastCall(pager.last)}</span>
        </State>
        <Fact name={parts.log}>
          {words.unsigned(log.unsigned)}
          <span className="quiet block">
            {log.signedAt === undefined ? (
              words.neverSigned
            ) : (
              <>
                {words.signed} <Ago at={log.signedAt} />
              </>
            )}
          </span>
        </Fact>
        <Copies copies={copies} />
        <Fact name={parts.backup}>
          {backup.at === undefined ? words.backup : `${words.backupAt} ${dateTime(backup.at)}`}
          <span className="quiet block">
            {backup.drilledAt === undefined ? words.neverDrilled : `${words.drilledAt} ${dateTime(backup.drilledAt)}`}
          </span>
        </Fact>
        {restore.open && (
          <State name={parts.restore} isWell={false} at={restore.restoredAt}>
            {words.restore}
          </State>
        )}
      </Facts>
    </section>
  )
}

function lastCall(last: NonNullable<HomeView["health"]>["pager"]["last"]): string {
  const { never, last: lastWords } = words.pager
  if (last === undefined) return never
  if (last.state === "failing") return lastWords.failing(last.tries)
  return last.state === "accepted" ? lastWords.accepted(dateTime(last.acceptedAt ?? last.at)) : lastWords[last.state]
}

function State(props: {
  readonly name: string
  readonly isWell: boolean
  readonly at?: string | undefined
  readonly children: ReactNode
}): ReactNode {
  return (
    <Fact name={props.name}>
      <span className={props.isWell ? "" : "amber"}>{props.children}</span>
      {props.at !== undefined && (
        <span className="quiet block">
          <Ago at={props.at} />
        </span>
      )}
    </Fact>
  )
}
