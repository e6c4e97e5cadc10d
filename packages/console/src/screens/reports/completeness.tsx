import { Progress, UnstyledButton } from "@mantine/core"
import type { ReactNode } from "react"
import type { Detail } from "./queries.ts"
import { reports as say } from "./words.ts"

/** Path of the field that raises the score, by code. */
const PLACES: Readonly<Record<string, string>> = {
  "person-identified": "document.personOrUserReported[0].espIdentifier",
  "upload-address": "document.personOrUserReported[0].ipCaptureEvent",
  "source-address": "document.internetDetails[0].webPageIncident.url",
  classified: "files[0].industryClassification",
  "time-explained": "document.incidentSummary.incidentDateTimeDescription",
  "victim-or-place": "document.personOrUserReported[0].estimatedLocation",
  context: "document.additionalInfo",
  contact: "document.reporter.contactPerson",
}

/**
 * How much of what investigators need the report has, as a score, and what would raise it, the most effective first.
 * `onRaise` opens the field.
 */
export function Completeness({
  completeness: { score, items },
  onRaise,
}: {
  readonly completeness: Detail["completeness"]
  readonly onRaise: ((path: string) => void) | undefined
}): ReactNode {
  const applying = items.filter(({ applies }) => applies)
  const whole = applying.reduce((sum, { weight }) => sum + weight, 0)
  const missing = applying.filter(({ present }) => !present).toSorted((a, b) => b.weight - a.weight)
  const there = applying.filter(({ present }) => present)
  return (
    <section className="stack-tight" aria-labelledby="completeness-title">
      <h2 id="completeness-title">{say.completeness.title(score)}</h2>
      <Progress value={score} aria-label={say.completeness.title(score)} size="sm" />
      <p className="quiet">{say.completeness.lead}</p>
      {missing.length > 0 && (
        <>
          <h3>{say.completeness.raise}</h3>
          <ul className="completeness-list">
            {missing.map(({ code, weight }) => {
              const place = PLACES[code]
              const words = say.completeness.codes[code] ?? code
              return (
                <li key={code}>
                  {place === undefined || onRaise === undefined ? (
                    <span>{words}</span>
                  ) : (
                    <UnstyledButton className="link-button" onClick={() => onRaise(place)}>
                      {words}
                    </UnstyledButton>
                  )}
                  <span className="quiet"> {say.completeness.points(Math.round((100 * weight) / whole))}</span>
                </li>
              )
            })}
          </ul>
        </>
      )}
      {there.length > 0 && (
        <details className="action-more">
          <summary>{say.completeness.there(there.length)}</summary>
          <ul className="completeness-list">
            {there.map(({ code }) => (
              <li key={code} className="quiet">
                {say.completeness.codes[code] ?? code}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}
