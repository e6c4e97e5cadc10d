import { useQuery } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { type ReactNode, useCallback } from "react"
import { count } from "../../parts/format.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { SourceName } from "../../parts/source-name.tsx"
import { Empty } from "../../parts/states.tsx"
import { Ago } from "../../parts/time.tsx"
import { usePages } from "../../parts/use-pages.ts"
import { Columns } from "../../shell/columns.tsx"
import { RowList } from "../../shell/row-list.tsx"
import { scanQuery, scansQuery } from "./queries.ts"
import { ScanView } from "./scan-view.tsx"
import { scans as say } from "./words.ts"

const ROW_HEIGHT = 68

/** The scans that sources reported, and the selected one; by default the latest. */
export function Scans({ chosen }: { readonly chosen: string | undefined }): ReactNode {
  const navigate = useNavigate()
  const pages = usePages(scansQuery, ({ scans }) => scans)
  const show = useCallback(
    (id: string) => void navigate({ to: "/scans/$tab/$id", params: { tab: "scans", id } }),
    [navigate],
  )
  const shown = chosen ?? pages.data?.[0]?.scanId
  return (
    <Loaded
      query={pages}
      rowHeight={ROW_HEIGHT - 12}
      empty={<Empty title={say.emptyScans} hint={say.emptyScansHint} />}
    >
      {(rows) => (
        <Columns
          listLabel={say.listLabel}
          chosen={shown}
          list={
            <RowList
              items={rows}
              idOf={({ scanId }) => scanId}
              selected={shown}
              onSelect={show}
              rowHeight={ROW_HEIGHT}
              label={say.listLabel}
              onEnd={pages.more}
              row={({ scan, source, state, screened, finishedAt, totals, withheldSamples }) => (
                <>
                  <div className="row-line">
                    <strong>
                      <SourceName id={source} /> {scan}
                    </strong>
                    <span className="quiet">
                      <Ago at={finishedAt} />
                    </span>
                  </div>
                  <div className="quiet">{say.row(count(totals.items), count(withheldSamples))}</div>
                  <div className={screened ? "quiet" : "amber"}>{screened ? say.states[state] : say.unscreened}</div>
                </>
              )}
            />
          }
        >
          {shown === undefined ? <Empty title={say.choose} /> : <SelectedScan scanId={shown} />}
        </Columns>
      )}
    </Loaded>
  )
}

function SelectedScan({ scanId }: { readonly scanId: string }): ReactNode {
  const query = useQuery(scanQuery(scanId))
  return <Loaded query={query}>{(data) => <ScanView scan={data} />}</Loaded>
}
