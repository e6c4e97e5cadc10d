/**
 * Limits of looking: everybody's, and people's own.
 * @module
 */
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { administration as say } from "#messages/administration.ts"
import { Failed, Loading } from "../../../parts/states.tsx"
import { exposureListQuery } from "../queries.ts"
import { Everybodys } from "./everybodys.tsx"
import { PeoplesOwn } from "./peoples-own.tsx"

const { wellness: words } = say

/** The page. */
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
          <Everybodys limits={data.limits} />
          <PeoplesOwn limits={data.limits} own={data.own} today={data.people} />
        </>
      )}
    </div>
  )
}
