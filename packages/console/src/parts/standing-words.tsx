/**
 * What reports say that are filed without a person: the words that its two people sign, before they do.
 * @module
 */
import type { AutomationList } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { standingWords as say } from "#messages/standing-words.ts"
import { call } from "../api/call.ts"
import type { Of } from "../api/of.ts"
import { Fact, Facts } from "./facts.tsx"
import { type Template, templateFacts } from "./template-facts.ts"

/** Every standing authorisation; the same query wherever one is shown. */
export const standingsQuery = queryOptions({
  queryKey: ["reports", "automation"],
  queryFn: async ({ signal }) => (await call<Of<typeof AutomationList>>("GET", "/v1/automation", { signal })).standings,
})

/** The words of a template. */
export function TemplateWords({ template }: { readonly template: Template }): ReactNode {
  return (
    <details className="act-more">
      <summary>{say.title}</summary>
      <p className="quiet">{say.lead}</p>
      <Facts wide>
        {templateFacts(template).map(({ name, values }) => (
          <Fact key={name} name={name}>
            {values.map((value) => (
              <span key={value} className="block">
                {value}
              </span>
            ))}
          </Fact>
        ))}
      </Facts>
    </details>
  )
}

/** The words of one standing authorisation. */
export function StandingWords({ standingId }: { readonly standingId: string }): ReactNode {
  const { data: standings = [] } = useQuery(standingsQuery)
  const found = standings.find(({ standing }) => standing.standingId === standingId)
  return found === undefined ? null : <TemplateWords template={found.standing.template} />
}
