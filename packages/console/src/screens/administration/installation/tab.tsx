import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { call } from "../../../api/call.ts"
import { useCan } from "../../../api/me.ts"
import { HeadedTable } from "../../../parts/data-table.tsx"
import { Fact, Facts } from "../../../parts/facts.tsx"
import { shortId } from "../../../parts/format.ts"
import { Loaded } from "../../../parts/loaded.tsx"
import { Page } from "../../../parts/page.tsx"
import { Section } from "../../../parts/section.tsx"
import { Fault } from "../../../parts/states.tsx"
import { Ago } from "../../../parts/time.tsx"
import { useAction } from "../../../parts/use-action.ts"
import { Health } from "../../home/health.tsx"
import { homeQuery } from "../../home/queries.ts"
import { home } from "../../home/words.ts"
import { administration as say } from "../words.ts"
import "../../home/home.css"
import { operationsQuery, type Task, tasksQuery } from "../queries.ts"
import { OpenRestore } from "./restore.tsx"

const { installation: words } = say

/** The installation tab: version, filing, an open restore, tasks that need a person, and the health of each part. */
export function Installation(): ReactNode {
  const query = useQuery(operationsQuery)
  const { data: view } = useQuery(homeQuery)
  return (
    <Page title={words.title} lead={words.lead}>
      <Loaded query={query} rows={3}>
        {(state) => (
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
      </Loaded>
      <OpenRestore />
      <Tasks />
      {view?.health !== undefined && <Health health={view.health} />}
    </Page>
  )
}

function Tasks(): ReactNode {
  const { tasks: labels } = words
  const query = useQuery(tasksQuery)
  return (
    <Section title={labels.title} lead={labels.lead}>
      <Loaded query={query} rows={2} empty={<p>{labels.none}</p>}>
        {(tasks) => (
          <HeadedTable
            heads={[{ name: labels.columns.what }, { name: labels.columns.about }, { name: labels.columns.since }, {}]}
            className="administration-actions"
          >
            {tasks.map((task) => (
              <TaskRow key={task.id} task={task} />
            ))}
          </HeadedTable>
        )}
      </Loaded>
    </Section>
  )
}

function TaskRow({ task }: { readonly task: Task }): ReactNode {
  const { tasks: labels } = words
  const mayClose = useCan()("operations:manage")
  const close = useAction(
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
