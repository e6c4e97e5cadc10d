/**
 * Guards: how each stands, what covers what, what it did.
 * @module
 */
import type { GuardView } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { type ReactNode, useCallback } from "react"
import { scans } from "#messages/scans.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { count, dateTime, listed } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { SourceName } from "../../parts/source-name.tsx"
import { Empty, Failed, Loading } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Ago } from "../../parts/time.tsx"
import { markUnseen } from "../../parts/unseen.ts"
import { Columns } from "../../shell/columns.tsx"
import { RowList } from "../../shell/row-list.tsx"
import { guardsQuery } from "./queries.ts"

const { guards: say } = scans
const TONES = { running: "green", unready: "amber", late: "amber", stopped: "plain", draining: "plain" } as const
const ROW_HEIGHT = 52

/** The sources' guards. */
export function Guards({ chosen }: { readonly chosen: string | undefined }): ReactNode {
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(guardsQuery)
  const show = useCallback(
    (id: string) => void navigate({ to: "/scans/$tab/$id", params: { tab: "guards", id } }),
    [navigate],
  )
  if (error !== null && data === undefined) return <Failed error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading rowHeight={ROW_HEIGHT} />
  if (data.length === 0) return <Empty title={scans.emptyGuards} hint={scans.emptyGuardsHint} />
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
}

function Guard({ guard, source }: { readonly guard: GuardView; readonly source: string }): ReactNode {
  const { instance, state, ready, startedAt, lastSeenAt, lists, policy, spool, faults, version, config, isolation } =
    guard
  return (
    <article className="stack-wide scans-guard">
      <header className="stack-tight">
        <h1>
          <SourceName id={source} />
        </h1>
        <p className="row">
          <Tag tone={ready ? TONES[state] : "amber"}>
            {ready || state !== "running" ? say.states[state] : say.states.unready}
          </Tag>
          <span className="quiet">
            <Id id={instance} /> {say.seen} <Ago at={lastSeenAt} />, {say.since} {dateTime(startedAt)}
          </span>
        </p>
        {state === "late" && <p className="amber">{say.late}</p>}
      </header>
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
    </article>
  )
}

function Surfaces({ guard: { surfaces } }: { readonly guard: GuardView }): ReactNode {
  const { surfaces: words } = say
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{words.columns.surface}</th>
            <th scope="col">{words.columns.state}</th>
            <th scope="col">{words.columns.checks}</th>
          </tr>
        </thead>
        <tbody>
          {surfaces.map(({ surface, screened, excusedUntil, checks }) => (
            <tr key={surface}>
              <td className="mono">{surface}</td>
              <td>
                {screened ? (
                  words.screened
                ) : excusedUntil === undefined ? (
                  words.closed
                ) : (
                  <span className="amber">{`${words.excused} ${dateTime(excusedUntil)}`}</span>
                )}
              </td>
              <td>{checks.length === 0 ? words.none : listed(checks.map(markUnseen))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Counts({ guard: { counts } }: { readonly guard: GuardView }): ReactNode {
  const { title, ...names } = say.counts
  return (
    <section className="stack">
      <h2>{title}</h2>
      <table className="plain">
        <tbody>
          {(Object.keys(names) as (keyof typeof names)[]).map((name) => (
            <tr key={name}>
              <th scope="row">{names[name]}</th>
              <td className="number">{count(counts[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
