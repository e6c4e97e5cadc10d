import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { Loaded } from "../../../parts/loaded.tsx"
import { Page } from "../../../parts/page.tsx"
import { exposureListQuery } from "../queries.ts"
import { administration as say } from "../words.ts"
import { LimitsForm } from "./limits-form.tsx"
import { Today } from "./today.tsx"

const { wellness: words } = say

/** The wellness tab: limits on viewing, which counsel sets and auditors read, and each person's viewings today. */
export function Wellness(): ReactNode {
  const query = useQuery(exposureListQuery)
  return (
    <Page title={words.title} lead={words.lead}>
      <Loaded query={query}>
        {(data) => (
          <>
            <LimitsForm limits={data.limits} />
            <Today people={data.people} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
