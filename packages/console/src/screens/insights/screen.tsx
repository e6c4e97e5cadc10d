import { SegmentedControl } from "@mantine/core"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { Ago } from "../../parts/time.tsx"
import { Ages, Bases, Decided, Volume } from "./over-time.tsx"
import { Agreement, Exposure, Precision, Reports } from "./quality.tsx"
import { insightsQuery } from "./queries.ts"
import { insights as say } from "./words.ts"
import "./insights.css"
import { Loaded } from "../../parts/loaded.tsx"
import { Page } from "../../parts/page.tsx"

/** The insights page: counts over a period, as charts and in words. */
export function InsightsScreen(): ReactNode {
  const [days, setDays] = useState("30")
  const query = useQuery({ ...insightsQuery(Number(days)), placeholderData: keepPreviousData })
  return (
    <Page
      title={say.title}
      lead={say.lead}
      className="insights"
      actions={
        <SegmentedControl
          aria-label={say.period.label}
          value={days}
          onChange={setDays}
          data={Object.entries(say.period.days).map(([value, label]) => ({ value, label }))}
        />
      }
    >
      <Loaded query={query} rows={4} rowHeight={180}>
        {(view) => (
          <>
            <div className="insights-pair">
              <Volume view={view} />
              <Decided view={view} />
              <Bases view={view} />
              <Ages view={view} />
            </div>
            <Precision view={view} />
            <div className="insights-pair">
              <Agreement view={view} />
              <Reports view={view} />
            </div>
            <Exposure view={view} />
            <p className="quiet">
              {say.counted} <Ago at={view.at} />
            </p>
          </>
        )}
      </Loaded>
    </Page>
  )
}
