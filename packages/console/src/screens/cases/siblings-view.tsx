import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { HeadedTable } from "../../parts/data-table.tsx"
import { Ago } from "../../parts/time.tsx"
import { type CaseDetail, type CaseRow, siblingsQuery } from "./queries.ts"
import { titleOf } from "./strengths.ts"
import { basisWord, cases as say } from "./words.ts"

const { siblings: words } = say
const MOST = 50

/**
 * Other cases of the same account, or of the same dataset and host, with how they were decided. They are context only.
 */
export function SiblingsView({ head: { caseId, kind } }: { readonly head: CaseDetail }): ReactNode {
  const { data = [] } = useSiblings(caseId, kind)
  if (kind === "direct" || data.length === 0) return null
  return (
    <section className="stack">
      <h2>{words[kind]}</h2>
      <HeadedTable heads={[{ name: words.columns.when }, { name: words.columns.case }, { name: words.columns.what }]}>
        {data.map((row) => (
          <Row key={row.caseId} row={row} />
        ))}
      </HeadedTable>
      {data.length === MOST && <p className="quiet">{words.most}</p>}
    </section>
  )
}

/** The number of such cases, after a dot; nothing for a single item, which has none, or while loading. */
export function SiblingsCount({ head: { caseId, kind } }: { readonly head: CaseDetail }): ReactNode {
  const { data } = useSiblings(caseId, kind)
  if (data === undefined || kind === "direct") return null
  return ` · ${data.length === 0 ? words.noOther[kind] : words.others[kind](words.count(data.length, data.length === MOST))}`
}

function useSiblings(caseId: string, kind: CaseDetail["kind"]) {
  return useQuery({ ...siblingsQuery(caseId), enabled: kind !== "direct" })
}

function Row({
  row: { caseId, band, strengths, openedAt, decided, items: caseItems, locations },
}: {
  readonly row: CaseRow
}): ReactNode {
  return (
    <tr>
      <td className="cases-when">
        <Ago at={openedAt} />
      </td>
      <td>
        <Link to="/cases/$caseId" params={{ caseId }}>
          {titleOf({ band, strengths })}
        </Link>
        <span className="quiet block">{say.items(caseItems, locations)}</span>
      </td>
      <td>{decided === undefined ? words.undecided : basisWord(decided.basis)}</td>
    </tr>
  )
}
