import type { GuardView } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { type ReactNode, useCallback } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { Fact, Facts } from "../../parts/facts.tsx"
import { count, dateTime, listed } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { Loaded } from "../../parts/loaded.tsx"
import { Page } from "../../parts/page.tsx"
import { SourceName } from "../../parts/source-name.tsx"
import { Empty } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Ago } from "../../parts/time.tsx"
import { markUnseen } from "../../parts/unseen.ts"
import { Columns } from "../../shell/columns.tsx"
import { RowList } from "../../shell/row-list.tsx"
import { guardsQuery } from "./queries.ts"
import { scans } from "./words.ts"

const { guards: say } = scans
const TONES = { running: "green", unready: "amber", late: "amber", stopped: "plain", draining: "plain" } as const
const ROW_HEIGHT = 52

/** The guards of each source: their status, coverage and counts. */
export function Guards({ chosen }: { readonly chosen: string | undefined }): ReactNode {
  const navigate = useNavigate()
  const query = useQuery(guardsQuery)
  const show = useCallback(
    (id: string) => void navigate({ to: "/scans/$tab/$id", params: { tab: "guards", id } }),
    [navigate],
  )
  return (
    <Loaded
      query={query}
      rowHeight={ROW_HEIGHT}
      empty={<Empty title={scans.emptyGuards} hint={scans.emptyGuardsHint} />}
    >
      {(data) => {
        const shown = data.find(({ source }) => source === chosen) ?? data[0]
        return (
          <Columns
            listLabel={scans.guardsLabel}
            chosen={shown?.source}
            list={
              <RowList
                items={data}
                idOf={({ source }) => source}
                selected={shown?.source}
                onSelect={show}
                rowHeight={ROW_HEIGHT}
                label={scans.guardsLabel}
                row={({ source, state, lastSeenAt }) => (
                  <>
                    <div className="row-line">
                      <strong>
                        <SourceName id={source} />
                      </strong>
                      <Tag tone={TONES[state]}>{say.states[state]}</Tag>
                    </div>
                    <div className="quiet">
                      {say.seen} <Ago at={lastSeenAt} />
                    </div>
                  </>
                )}
              />
            }
          >
            {shown?.guards.map((guard) => (
              <Guard key={guard.instance} guard={guard} source={shown.source} />
            ))}
          </Columns>
        )
      }}
    </Loaded>
  )
}

function Guard({ guard, source }: { readonly guard: GuardView; readonly source: string }): ReactNode {
  const { instance, state, ready, startedAt, lastSeenAt, lists, policy, spool, faults, version, config, isolation } =
    guard
  return (
    <Page
      title={<SourceName id={source} />}
      lines={
        <>
          <p className="row">
            <Tag tone={ready ? TONES[state] : "amber"}>
              {ready || state !== "running" ? say.states[state] : say.states.unready}
            </Tag>
            <span className="quiet">
              <Id id={instance} /> {say.seen} <Ago at={lastSeenAt} />, {say.since} {dateTime(startedAt)}
            </span>
          </p>
          {state === "late" && <p className="amber">{say.late}</p>}
        </>
      }
      isColumn
      className="scans-guard"
    >
      <Facts>
        <Fact name={say.facts.lists}>
          {lists.screens ? (
            say.listsOf(lists.lists.length, lists.indexVersion)
          ) : (
            <span className="amber">{say.noScreens}</span>
          )}
        </Fact>
        <Fact name={say.facts.policy}>
          {policy.name} <span className="mono">{policy.digest.slice(0, 12)}</span>
        </Fact>
        <Fact name={say.facts.spool}>
          {say.spoolOf(count(spool.records))}
          {!spool.accepting && <span className="amber block">{say.notAccepting}</span>}
        </Fact>
        {faults.length > 0 && (
          <Fact name={say.facts.faults}>
            <span className="amber">{listed(faults)}</span>
          </Fact>
        )}
        <Fact name={say.facts.isolation}>{isolation === "none" ? say.notIsolated : scans.isolation[isolation]}</Fact>
        <Fact name={say.facts.version}>
          {version} · {say.facts.config} {config}
        </Fact>
      </Facts>
      <Surfaces guard={guard} />
      <Counts guard={guard} />
    </Page>
  )
}

function Surfaces({ guard: { surfaces } }: { readonly guard: GuardView }): ReactNode {
  const { surfaces: words } = say
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <DataTable
        rows={surfaces}
        keyOf={({ surface }) => surface}
        columns={[
          { name: words.columns.surface, className: "mono", cell: ({ surface }) => surface },
          {
            name: words.columns.state,
            cell: ({ screened, excusedUntil }) =>
              screened ? (
                words.screened
              ) : excusedUntil === undefined ? (
                words.closed
              ) : (
                <span className="amber">{words.excused(dateTime(excusedUntil))}</span>
              ),
          },
          {
            name: words.columns.checks,
            cell: ({ checks }) => (checks.length === 0 ? words.none : listed(checks.map(markUnseen))),
          },
        ]}
      />
    </section>
  )
}

function Counts({ guard: { counts } }: { readonly guard: GuardView }): ReactNode {
  const { title, ...names } = say.counts
  return (
    <section className="stack">
      <h2>{title}</h2>
      <DataTable
        rows={Object.keys(names) as (keyof typeof names)[]}
        keyOf={(name) => name}
        columns={[
          { isRowHead: true, cell: (name) => names[name] },
          { isNumber: true, cell: (name) => count(counts[name]) },
        ]}
      />
    </section>
  )
}
