/**
 * How the installation's parts are, whether it files, and what a machine could not do.
 * @module
 */
import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { administration as say } from "#messages/administration.ts"
import { home } from "#messages/home.ts"
import { call } from "../../../api/call.ts"
import { useCan } from "../../../api/me.ts"
import { Fact, Facts } from "../../../parts/facts.tsx"
import { shortId } from "../../../parts/format.ts"
import { Failed, Fault, Loading } from "../../../parts/states.tsx"
import { Ago } from "../../../parts/time.tsx"
import { useAct } from "../../../parts/use-act.ts"
import { Health } from "../../home/health.tsx"
import { homeQuery } from "../../home/queries.ts"
import "../../home/home.css"
import { operationsQuery, type Task, tasksQuery } from "../queries.ts"
import { OpenRestore } from "./restore.tsx"

const { installation: words } = say

/** The page. */
export function Installation(): ReactNode {
  const { data: state, error, refetch } = useQuery(operationsQuery)
  const { data: view } = useQuery(homeQuery)
  return (
    <div className="page stack-wide">
      <header className="stack-tight">
        <h1>{words.title}</h1>
        <p className="quiet">{words.lead}</p>
      </header>
      {error !== null && state === undefined && <Failed error={error} onRetry={() => void refetch()} />}
      {state === undefined && error === null && <Loading rows={3} />}
      {state !== undefined && (
        <Facts>
          <Fact name={words.version}>{state.version}</Fact>
          <Fact name={words.filing}>
            {!state.filingPaused && words.filingOn}
            {state.filingPaused && (
              <span className="amber">{state.why === undefined ? words.filingHeld : words.filingOff[state.why]}</span>
            )}
          </Fact>
        </Facts>
      )}
      <OpenRestore />
      <Tasks />
      {view?.health !== undefined && <Health health={view.health} />}
    </div>
  )
}

function Tasks(): ReactNode {
  const { tasks: labels } = words
  const { data: tasks, error, refetch } = useQuery(tasksQuery)
  return (
    <section className="stack">
      <div className="stack-tight">
        <h2>{labels.title}</h2>
        <p className="quiet">{labels.lead}</p>
      </div>
      {error !== null && tasks === undefined && <Failed error={error} onRetry={() => void refetch()} />}
      {tasks?.length === 0 && <p>{labels.none}</p>}
      {tasks !== undefined && tasks.length > 0 && (
        <div className="administration-scroll">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{labels.columns.what}</th>
                <th scope="col">{labels.columns.about}</th>
                <th scope="col">{labels.columns.since}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {tasks.map((task) => (
                <TaskRow key={task.id} task={task} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function TaskRow({ task }: { readonly task: Task }): ReactNode {
  const { tasks: labels } = words
  const mayClose = useCan()("operations:manage")
  const close = useAct(
    (outcome: "done" | "dismissed") => call("POST", `/v1/operations/tasks/${task.id}/close`, { body: { outcome } }),
    ["operations"],
  )
  return (
    <tr>
      <td>
        {home.due.codes["task"]?.[task.kind] ?? task.kind.replaceAll("-", " ")}
        <div className="quiet">{labels.codes[task.code] ?? <span className="mono">{task.code}</span>}</div>
      </td>
      <td className="mono" title={task.subject}>
        {shortId(task.subject)}
      </td>
      <td>
        <Ago at={task.openedAt} />
      </td>
      <td>
        {mayClose && (
          <span className="row" style={{ justifyContent: "flex-end" }}>
            {(["done", "dismissed"] as const).map((outcome) => (
              <Button
                key={outcome}
                size="compact-sm"
                variant="default"
                loading={close.isPending}
                onClick={() => close.mutate(outcome)}
              >
                {labels[outcome]}
              </Button>
            ))}
          </span>
        )}
        <Fault error={close.error} />
      </td>
    </tr>
  )
}
