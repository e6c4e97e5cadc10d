/**
 * Limits of looking: everybody's, and people's own.
 * @module
 */
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { Loaded } from "../../../parts/loaded.tsx"
import { Page } from "../../../parts/page.tsx"
import { exposureListQuery } from "../queries.ts"
import { administration as say } from "../words.ts"
import { GlobalLimits } from "./global-limits.tsx"
import { PeoplesOwn } from "./peoples-own.tsx"

const { wellness: words } = say

/** The page. */
export function Wellness(): ReactNode {
  const query = useQuery(exposureListQuery)
  return (
    <Page title={words.title} lead={words.lead}>
      <Loaded query={query}>
        {(data) => (
          <>
            <GlobalLimits limits={data.limits} />
            <PeoplesOwn limits={data.limits} own={data.own} today={data.people} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
