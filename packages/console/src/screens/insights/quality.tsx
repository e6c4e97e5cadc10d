import type { InsightsView } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { count } from "../../parts/format.ts"
import { Bars } from "./chart.tsx"
import { durationParts, shareParts } from "./figures.ts"
import { insights as say } from "./words.ts"

/** Precision of each list, with its interval. */
export function Precision({ view: { lists } }: { readonly view: InsightsView }): ReactNode {
  const { lists: words } = say
  const shareOf = (view: Parameters<typeof shareParts>[0]) => {
    const parts = shareParts(view)
    return parts === undefined ? words.unknown : words.share(...parts)
  }
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <p className="quiet">{words.lead}</p>
      {lists.length === 0 && <p>{say.none}</p>}
      {lists.length > 0 && (
        <DataTable
          rows={lists}
          keyOf={({ list }) => list}
          columns={[
            { name: words.columns.list, isRowHead: true, cell: ({ list }) => list },
            { name: words.columns.precision, cell: ({ precision }) => shareOf(precision) },
            { name: words.columns.reviewed, cell: ({ secondReviewed }) => shareOf(secondReviewed) },
            { name: words.columns.reportable, cell: ({ reportable }) => count(reportable) },
            { name: words.columns.policy, cell: ({ policyViolation }) => count(policyViolation) },
            { name: words.columns.not, cell: ({ notViolation }) => count(notViolation) },
            { name: words.columns.leftOut, cell: ({ leftOut }) => count(leftOut) },
          ]}
        />
      )}
    </section>
  )
}

/** How often two reviewers agree. */
export function Agreement({ view: { agreement, agreementShare } }: { readonly view: InsightsView }): ReactNode {
  const { agreement: words } = say
  const parts = shareParts(agreementShare)
  const { basis, included, classification } = agreement.disagreedIn
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      <p>{parts === undefined ? words.none : words.words(...parts)}</p>
      <p className="quiet">{words.requested(agreement.requested, agreement.waived, agreement.resolved)}</p>
      {agreement.disagreed > 0 && <p className="quiet">{words.differ(basis, included, classification)}</p>}
    </section>
  )
}

/** Reports filed, and the time until decision and filing. */
export function Reports({ view: { reports, timeToDecision } }: { readonly view: InsightsView }): ReactNode {
  const { reports: words } = say
  const took = durationParts(timeToDecision)
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      <p>
        {words.finished(reports.finished, reports.manual)} {words.held(reports.held, reports.retracted)}
      </p>
      <DurationFact name={words.fromDetection} view={reports.detectionToSubmit} />
      <DurationFact name={words.fromKnowledge} view={reports.knowledgeToSubmit} />
      {took !== undefined && <p>{say.time.words(...took)}</p>}
      {reports.testExcluded > 0 && <p className="quiet">{words.excluded(reports.testExcluded)}</p>}
    </section>
  )
}

function DurationFact({
  name,
  view,
}: {
  readonly name: string
  readonly view: Parameters<typeof durationParts>[0]
}): ReactNode {
  const parts = durationParts(view)
  return (
    <p>
      {name}: {parts === undefined ? say.reports.unknown : say.reports.half(parts[0], parts[1])}.
    </p>
  )
}

/** The amount of viewing by everybody together; nothing for fewer than five people. */
export function Exposure({ view: { exposure } }: { readonly view: InsightsView }): ReactNode {
  const { exposure: words } = say
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {exposure.suppressed && <p>{words.suppressed}</p>}
      {!exposure.suppressed && exposure.days.length === 0 && <p>{say.none}</p>}
      {exposure.days.length > 0 && (
        <>
          <Bars
            label={words.title}
            points={exposure.days.map(({ day, viewings }) => ({ at: day, viewings }))}
            series={[{ key: "viewings", name: words.viewings, colour: 0 }]}
          />
          <p>{words.words(exposure.viewings ?? 0, Math.round(exposure.minutes ?? 0), exposure.originals ?? 0)}</p>
        </>
      )}
      {exposure.daysSuppressed > 0 && !exposure.suppressed && (
        <p className="quiet">{words.daysLeftOut(exposure.daysSuppressed)}</p>
      )}
    </section>
  )
}
