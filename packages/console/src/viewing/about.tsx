import type { ViewingReason } from "@nightlight/contract/custodian"
import type { CaseDetail } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { viewing as say } from "#messages/viewing.ts"
import { call } from "../api/call.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { Fact, Facts } from "../parts/facts.tsx"
import { bytes, listed } from "../parts/format.ts"
import type { CaseItem } from "./request-viewing.ts"

/** Describes in words what is about to be shown, with a warning: a surprise does more harm than the picture. */
export function About({
  caseId,
  item: caseItem,
  reason,
  purpose,
  sizePx,
  isStricter,
}: {
  readonly caseId: string
  readonly item: CaseItem
  readonly reason: ViewingReason
  readonly purpose: "derivative" | "original"
  readonly sizePx: number
  /** Whether the person's own settings are stricter than the organisation's. */
  readonly isStricter: boolean
}): ReactNode {
  const { about } = say
  const { data: head } = useQuery({
    queryKey: ["cases", caseId, "for-viewing"],
    queryFn: ({ signal }) => call<SchemaOutput<typeof CaseDetail>>("GET", `/v1/cases/${caseId}`, { signal }),
  })
  const categories = [...new Set(caseItem.matches.map(({ category }) => category))]
  const lists = [...new Set(caseItem.matches.map(({ list }) => list))]
  return (
    <section className="stack" aria-labelledby="viewing-about">
      <h2 id="viewing-about">{about.title}</h2>
      <Facts>
        <Fact name={about.category}>{categories.length === 0 ? about.noCategory : listed(categories)}</Fact>
        <Fact name={about.list}>{lists.length === 0 ? about.noList : listed(lists)}</Fact>
        <Fact name={about.source}>
          {head === undefined ? "…" : (about.sources[head.kind] ?? head.kind)}, {about.places(caseItem.locations)}
        </Fact>
        <Fact name={about.media}>
          {caseItem.mediaType}, {bytes(caseItem.sizeBytes)}
        </Fact>
        <Fact name={about.shown}>
          {purpose === "original" ? about.shownOriginal : about.shownDerivative(sizePx)}
          {isStricter && ` ${about.shownStricter}`}
        </Fact>
        <Fact name={about.reason}>{say.why.reasons[reason]}</Fact>
      </Facts>
      <p className="viewing-warning">{caseItem.strength === "test" ? about.testCard : about.warning}</p>
    </section>
  )
}
