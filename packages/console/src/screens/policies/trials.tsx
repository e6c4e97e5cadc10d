import { NativeSelect, Progress } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useEffect, useRef } from "react"
import { count, day } from "../../parts/format.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { Name } from "../../parts/name.tsx"
import { Ago } from "../../parts/time.tsx"
import { type Trial, trialQuery, trialsQuery } from "./queries.ts"
import { TrialResult } from "./trial-result.tsx"
import { policies as say } from "./words.ts"

const { trial: words } = say

/** The trials of a version: progress and result of the newest, or of the selected one. */
export function Trials(props: {
  readonly digest: string
  readonly trialId: string | undefined
  readonly onTrial: (trialId: string) => void
}): ReactNode {
  const { digest, trialId, onTrial } = props
  const { data: trials } = useQuery(trialsQuery(digest))
  const title = useRef<HTMLHeadingElement>(null)
  const shown = trialId ?? trials?.[0]?.trialId
  // The focus moves here when the user starts or selects a trial.
  useEffect(() => {
    if (trialId !== undefined) title.current?.focus()
  }, [trialId])
  return (
    <section className="stack">
      <h2 ref={title} tabIndex={-1}>
        {words.title}
      </h2>
      {trials?.length === 0 && shown === undefined && (
        <p>
          {words.never} <span className="quiet">{words.neverHint}</span>
        </p>
      )}
      {trials !== undefined && trials.length > 1 && (
        <NativeSelect
          className="policies-trials"
          label={words.others}
          value={shown ?? ""}
          onChange={({ currentTarget: { value } }) => onTrial(value)}
          data={trials.map((trial) => ({ value: trial.trialId, label: periodOf(trial) }))}
        />
      )}
      {shown !== undefined && <SelectedTrial key={shown} digest={digest} trialId={shown} />}
    </section>
  )
}

function SelectedTrial({ digest, trialId }: { readonly digest: string; readonly trialId: string }): ReactNode {
  const query = useQuery(trialQuery(digest, trialId))
  return (
    <Loaded query={query} rows={2}>
      {(trial) => (
        <div className="stack">
          <p className="quiet">
            {words.requestedBy} <Name id={trial.requestedBy} />, <Ago at={trial.requestedAt} />: {periodOf(trial)}
          </p>
          <div aria-live="polite">
            {trial.state === "running" && <Running trial={trial} />}
            {trial.state === "failed" && <p className="fault">{words.failed}</p>}
          </div>
          {trial.state !== "failed" && <TrialResult trial={trial} />}
        </div>
      )}
    </Loaded>
  )
}

function Running({ trial: { examined, total } }: { readonly trial: Trial }): ReactNode {
  const progress = words.running(count(examined), count(total))
  return (
    <div className="stack-tight">
      <Progress.Root size="sm">
        <Progress.Section value={total === 0 ? 100 : (100 * examined) / total} aria-label={progress} />
      </Progress.Root>
      <p>{progress}</p>
    </div>
  )
}

const periodOf = ({ from, to }: Trial): string => words.trialAt(day(from), day(to))
