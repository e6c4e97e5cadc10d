import type { ScanDetail, SharedScanReport } from "@nightlight/contract/server"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { Fact, Facts } from "../../parts/facts.tsx"
import { bytes, count, dateTime, duration } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { Page } from "../../parts/page.tsx"
import { SourceName } from "../../parts/source-name.tsx"
import { Tag } from "../../parts/tag.tsx"
import { FollowUps } from "./follow-ups.tsx"
import { Coverage, Matches, NotScreened } from "./scan-tables.tsx"
import { scans as say } from "./words.ts"

const { facts } = say

/** A scan: its result in a sentence, its facts, the lists it used, matches, and what was not screened. */
export function ScanView({ scan }: { readonly scan: ScanDetail }): ReactNode {
  const { report, source, findings, cases, caseCount, inPlace, followUps } = scan
  const { totals, decisions, sealed, clean, coverage, remaining, unread } = report
  return (
    <Page
      title={say.sentence(count(totals.items), bytes(totals.bytes), count(totals.shards))}
      lines={
        <>
          <p className="row">
            <Tag tone={report.state === "complete" ? "plain" : "amber"}>{say.states[report.state]}</Tag>
            {report.demo && <Tag>{say.demo}</Tag>}
            <span className="quiet">{say.stateLong[report.state]}</span>
          </p>
          {!report.screened && <p className="amber">{say.unscreenedLong}</p>}
        </>
      }
      isColumn
    >
      <Facts>
        <Fact name={facts.source}>
          <SourceName id={source} /> · {facts.scan}: <span className="mono">{report.scan}</span>
        </Fact>
        <Fact name={facts.when} origin={facts.took(duration(report.activeSeconds * 1000))}>
          {dateTime(report.startedAt)} – {dateTime(report.finishedAt)}
        </Fact>
        <Fact name={facts.found}>
          {Object.entries(decisions)
            .filter(([, items]) => items > 0)
            .map(([name, items]) => `${count(items)} ${say.decisions[name] ?? name}`)
            .join(", ")}
        </Fact>
        <Fact name={facts.withheld}>
          {facts.withheldOf(count(report.withheldSamples), count(sealed.withContent), count(sealed.contextOnly))}
        </Fact>
        <Fact name={facts.inPlace} origin={`${facts.inPlaceAsOf[inPlace.reportKind]} ${dateTime(inPlace.asOf)}`}>
          {inPlace.items === 0 ? (
            facts.inPlaceNone
          ) : (
            <span className="amber">{facts.inPlaceOf(count(inPlace.items), count(inPlace.shards))}</span>
          )}
          {!inPlace.complete && <span className="amber block">{facts.inPlaceIncomplete}</span>}
        </Fact>
        <Fact name={facts.clean}>
          {clean === undefined ? facts.cleanNone : facts.cleanOf(count(clean.itemsWritten), bytes(clean.bytes))}
          {clean !== undefined && clean.keyCollisions > 0 && (
            <span className="block">{facts.keyCollisions(count(clean.keyCollisions))}</span>
          )}
        </Fact>
        {remaining > 0 && (
          <Fact name={facts.remaining}>
            <span className="amber">{facts.remainingOf(count(remaining))}</span>
          </Fact>
        )}
        <Unread unread={unread} />
        <Fact name={facts.received}>
          {findings.total === 0
            ? "0"
            : Object.entries(findings.byState)
                .filter(([, many]) => (many ?? 0) > 0)
                .map(([state, many]) => `${count(many ?? 0)} ${say.intake.states[state] ?? state}`)
                .join(", ")}
        </Fact>
        <Fact name={facts.cases}>
          {facts.casesOf(caseCount)}
          {cases?.slice(0, 12).map((caseId) => (
            <span key={caseId}>
              {" "}
              <Link to="/cases/$caseId" params={{ caseId }}>
                <Id id={caseId} />
              </Link>
            </span>
          ))}
        </Fact>
        <Fact name={facts.policy}>
          {coverage.policy.name} <span className="mono">{coverage.policy.digest.slice(0, 12)}</span>
        </Fact>
        <Fact name={facts.isolation}>{say.isolation[coverage.isolation] ?? coverage.isolation}</Fact>
      </Facts>
      <FollowUps followUps={followUps} />
      <Coverage lists={coverage.lists} />
      <Matches report={report} />
      <NotScreened report={report} />
    </Page>
  )
}

/** Items that nothing looked into, by media type, the most frequent first. */
function Unread({ unread }: Pick<SharedScanReport, "unread">): ReactNode {
  const types = Object.entries(unread.types).toSorted(([, a], [, b]) => b - a)
  const isNone = unread.items === 0 && unread.bytes === 0
  return (
    <Fact name={facts.unread}>
      {isNone ? facts.unreadNone : facts.unreadOf(count(unread.items), bytes(unread.bytes))}
      {types.length > 0 && (
        <span className="block quiet">{types.map(([type, items]) => `${count(items)} ${type}`).join(", ")}</span>
      )}
      {unread.isMost && <span className="amber block">{facts.unreadMost}</span>}
    </Fact>
  )
}
