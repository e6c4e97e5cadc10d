import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { DataTable } from "../../parts/data-table.tsx"
import { dateTime } from "../../parts/format.ts"
import { Due } from "../../parts/time.tsx"
import type { Detail, Step, Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/** The progress of the last filing attempt, call by call, and the reason if it stopped. */
export function Progress({
  report,
  steps,
  detail,
}: {
  readonly report: Summary
  readonly steps: readonly Step[]
  readonly detail: Detail | undefined
}): ReactNode {
  const attempt = steps.at(-1)?.attempt ?? 1
  const mine = steps.filter((step) => step.attempt === attempt)
  const files = detail?.files.length
  const accepted = (call: Step["call"]) =>
    mine.filter((step) => step.call === call && step.outcome === "accepted").length
  const uploads = accepted("upload")
  const described = accepted("describe")
  const isUnderWay = report.state === "approved"
  const line = [
    { name: say.progress.open, done: accepted("open") > 0, count: undefined },
    {
      name: say.progress.upload,
      done: files !== undefined && uploads >= files,
      count: files && `${uploads} / ${files}`,
    },
    {
      name: say.progress.describe,
      done: files !== undefined && described >= files,
      count: files && `${described} / ${files}`,
    },
    { name: say.progress.finish, done: accepted("finish") > 0, count: undefined },
  ]
  const now = isUnderWay ? line.findIndex(({ done }) => !done) : -1
  const doubt = mine.filter(({ call }) => call === "retract" || call === "abandon")
  return (
    <section className="stack" aria-labelledby="progress-title">
      <h2 id="progress-title">{isUnderWay ? say.progress.title : say.held.title}</h2>
      {report.state === "held" && <HeldNotice report={report} />}
      <ol className="progress-line" aria-live="polite">
        {line.map(({ name, done, count }, place) => (
          <li key={name} aria-current={place === now ? "step" : undefined} className={done ? "progress-done" : ""}>
            <span className="progress-name">{name}</span>
            <span className="quiet">
              {done
                ? say.progress.done
                : place === now
                  ? say.progress.now
                  : isUnderWay
                    ? say.progress.later
                    : say.progress.not}
            </span>
            {count !== undefined && count !== 0 && <span className="quiet">{count}</span>}
          </li>
        ))}
      </ol>
      {isUnderWay && steps.length === 0 && <p className="quiet">{say.progress.notBegun}</p>}
      {attempt > 1 && <p className="quiet">{say.progress.attempt(attempt)}</p>}
      {doubt.length > 0 && <p className="quiet">{say.progress.doubt}</p>}
      {isUnderWay && report.nextTryAt !== undefined && (
        <p className="quiet">
          {say.progress.nextTry} <Due at={report.nextTryAt} />
        </p>
      )}
      <details>
        <summary>{say.progress.calls(steps.length)}</summary>
        <DataTable
          rows={steps}
          keyOf={(step) => `${step.attempt} ${step.call} ${step.evidenceId ?? ""} ${step.startedAt}`}
          columns={[
            { name: say.progress.columns.attempt, isNumber: true, cell: (step) => step.attempt },
            { name: say.progress.columns.call, cell: (step) => say.progress.callWords[step.call] },
            { name: say.progress.columns.at, cell: (step) => dateTime(step.startedAt) },
            {
              name: say.progress.columns.outcome,
              cell: (step) => (
                <>
                  {step.outcome === undefined ? say.progress.underWay : say.progress.outcomes[step.outcome]}
                  {step.responseCode !== undefined && ` (${step.responseCode})`}
                </>
              ),
            },
          ]}
        />
      </details>
    </section>
  )
}

function HeldNotice({ report }: { readonly report: Summary }): ReactNode {
  const can = useCan()
  const { heldCode, heldResponseCode } = report
  const words = say.held.codes[heldCode ?? ""]
  return (
    <div className="stack-tight" role="status">
      <p>
        <strong>{words?.why ?? say.held.unknown(heldCode ?? "")}</strong>
      </p>
      {heldResponseCode !== undefined && (
        <p>{say.held.response(heldResponseCode, say.responses[heldResponseCode] ?? say.responseUnknown)}</p>
      )}
      {words !== undefined && can("report:prepare") && <p className="quiet">{words.next}</p>}
    </div>
  )
}
