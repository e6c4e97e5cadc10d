/**
 * The text of automatically filed reports: the one that two people sign, shown to them before they do.
 * @module
 */
import type { AutomationList } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { authorisationWords as say } from "#messages/authorisation-words.ts"
import { call } from "../api/call.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { Fact, Facts } from "./facts.tsx"
import { type Template, templateFacts } from "./template-facts.ts"

/** Every filing authorisation. Every place that shows one uses this query. */
export const authorisationsQuery = queryOptions({
  queryKey: ["reports", "automation"],
  queryFn: async ({ signal }) =>
    (await call<SchemaOutput<typeof AutomationList>>("GET", "/v1/automation", { signal })).authorisations,
})

/** The text of a template, member by member. */
export function TemplateWords({ template }: { readonly template: Template }): ReactNode {
  return (
    <details className="action-more">
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

/** The text of one filing authorisation. */
export function AuthorisationWords({ authorisationId }: { readonly authorisationId: string }): ReactNode {
  const { data: authorisations = [] } = useQuery(authorisationsQuery)
  const found = authorisations.find(({ authorisation }) => authorisation.authorisationId === authorisationId)
  return found === undefined ? null : <TemplateWords template={found.authorisation.template} />
}
