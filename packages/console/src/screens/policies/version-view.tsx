import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { Fact, Facts } from "../../parts/facts.tsx"
import { dateTime } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { bothOf, Loaded } from "../../parts/loaded.tsx"
import { Name } from "../../parts/name.tsx"
import { Page } from "../../parts/page.tsx"
import { GovernedBy } from "./governed-by.tsx"
import { type Policies, policiesQuery, type Version, versionQuery, type WholeVersion } from "./queries.ts"
import { RulesTable } from "./rules-table.tsx"
import { ShadowView } from "./shadow-view.tsx"
import { nameOf, StateTag } from "./state-tag.tsx"
import { Trials } from "./trials.tsx"
import { Exceptions, History, Tests } from "./version-parts.tsx"
import { VersionText } from "./version-text.tsx"
import { policies as say } from "./words.ts"

const { version: words } = say

/**
 * The middle column: a version's state, what it governs, its trials, rules, tests, text and history. `trialId`: the
 * trial to show, by default the newest.
 */
export function VersionView(props: {
  readonly digest: string
  readonly trialId: string | undefined
  readonly onTrial: (trialId: string) => void
}): ReactNode {
  const { digest, trialId, onTrial } = props
  const version = useQuery(versionQuery(digest))
  const policies = useQuery(policiesQuery)
  return (
    <Loaded query={bothOf(version, policies)}>
      {([whole, list]) => <VersionSections whole={whole} list={list} trialId={trialId} onTrial={onTrial} />}
    </Loaded>
  )
}

function VersionSections(props: {
  readonly whole: WholeVersion
  readonly list: Policies
  readonly trialId: string | undefined
  readonly onTrial: (trialId: string) => void
}): ReactNode {
  const { whole, list, trialId, onTrial } = props
  const { policy } = whole
  return (
    <Page
      title={nameOf(policy)}
      lead={words.lines[policy.state]}
      tags={<StateTag state={policy.state} />}
      isColumn
      className="policies-version"
    >
      <VersionFacts version={policy} />
      <GovernedBy version={policy} list={list} />
      <RulesTable whole={whole} active={list.active === policy.digest ? undefined : list.active} />
      <Trials digest={policy.digest} trialId={trialId} onTrial={onTrial} />
      <ShadowView version={policy} />
      <Exceptions whole={whole} />
      <Tests whole={whole} />
      <VersionText whole={whole} />
      <History whole={whole} />
    </Page>
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
