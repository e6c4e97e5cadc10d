/**
 * One version, read: how it stands, what it governs, what it was tried on, its rules, tests, text and history.
 * @module
 */
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { policies as say } from "#messages/policies.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { dateTime } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { Name } from "../../parts/name.tsx"
import { Failed, Loading } from "../../parts/states.tsx"
import { Governs } from "./governs.tsx"
import { policiesQuery, type Version, versionQuery } from "./queries.ts"
import { RulesTable } from "./rules-table.tsx"
import { ShadowView } from "./shadow-view.tsx"
import { nameOf, StateTag } from "./state-tag.tsx"
import { Trials } from "./trials.tsx"
import { Exceptions, History, Tests } from "./version-parts.tsx"
import { VersionText } from "./version-text.tsx"

const { version: words } = say

/** The middle column. `trialId`: the trial to show; the newest unless given. */
export function VersionView(props: {
  readonly digest: string
  readonly trialId: string | undefined
  readonly onTrial: (trialId: string) => void
}): ReactNode {
  const { digest, trialId, onTrial } = props
  const { data: whole, error, refetch } = useQuery(versionQuery(digest))
  const { data: list, error: listError, refetch: listAgain } = useQuery(policiesQuery)
  if (error !== null && whole === undefined) return <Failed error={error} onRetry={() => void refetch()} />
  if (listError !== null && list === undefined) return <Failed error={listError} onRetry={() => void listAgain()} />
  if (whole === undefined || list === undefined) return <Loading />
  const { policy } = whole
  return (
    <article className="stack-wide policies-version">
      <header className="stack-tight">
        <div className="row">
          <h1>{nameOf(policy)}</h1>
          <StateTag state={policy.state} />
        </div>
        <p className="quiet">{words.lines[policy.state]}</p>
      </header>
      <VersionFacts version={policy} />
      <Governs version={policy} list={list} />
      <RulesTable whole={whole} active={list.active === digest ? undefined : list.active} />
      <Trials digest={digest} trialId={trialId} onTrial={onTrial} />
      <ShadowView version={policy} />
      <Exceptions whole={whole} />
      <Tests whole={whole} />
      <VersionText whole={whole} />
      <History whole={whole} />
    </article>
  )
}

function VersionFacts({ version }: { readonly version: Version }): ReactNode {
  const { facts } = words
  const { madeBy, madeAt, activatedAt, digest, policyDigest, state } = version
  return (
    <Facts>
      <Fact name={facts.made}>
        <Name id={madeBy} />, {dateTime(madeAt)}
      </Fact>
      {activatedAt !== undefined && (
        <Fact name={state === "active" ? facts.active : facts.wasActive}>{dateTime(activatedAt)}</Fact>
      )}
      <Fact name={facts.file} origin={facts.fileOrigin}>
        <Id id={digest} />
      </Fact>
      <Fact name={facts.policy} origin={facts.policyOrigin}>
        <Id id={policyDigest} />
      </Fact>
    </Facts>
  )
}
