/**
 * Limits of viewing, and what each person viewed today.
 * @module
 */
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { administration as say } from "#messages/administration.ts"
import { Failed, Loading } from "../../../parts/states.tsx"
import { exposureListQuery } from "../queries.ts"
import { LimitsForm } from "./limits-form.tsx"
import { Today } from "./today.tsx"

const { wellness: words } = say

/** Counsel sets limits here; auditors read them. */
export function Wellness(): ReactNode {
  const { data, error, refetch } = useQuery(exposureListQuery)
  return (
    <div className="page stack-wide">
      <header className="stack-tight">
        <h1>{words.title}</h1>
        <p className="quiet">{words.lead}</p>
      </header>
      {error !== null && data === undefined && <Failed error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading />}
      {data !== undefined && (
        <>
          <LimitsForm limits={data.limits} />
          <Today people={data.people} />
        </>
      )}
    </div>
  )
}
