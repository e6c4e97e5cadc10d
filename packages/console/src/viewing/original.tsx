import { Button } from "@mantine/core"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { viewing as say } from "#messages/viewing.ts"
import { SignedWith } from "../custody/signed-with.tsx"
import { Name } from "../parts/name.tsx"
import { Fault } from "../parts/states.tsx"
import { useAction } from "../parts/use-action.ts"
import { declineOriginal, type OriginalRequest, originalsQuery, pendingOf } from "./original-queries.ts"
import { requestApproval } from "./request-original.ts"
import type { ViewingRequest } from "./request-viewing.ts"

const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" })

/** This page's request for an item, in the state that the server last answered. */
export function useOwnRequest(itemId: string): OriginalRequest | undefined {
  const { data } = useQuery(originalsQuery)
  const own = pendingOf(itemId)
  return own && data?.find(({ id }) => id === own.requestId)
}

/**
 * The state of a request for an original, and the next step: ask, wait for another person's approval, or show it.
 * `onShow` is called when the caller wants to see the original or the small copy.
 */
export function RequestOriginal({
  asked,
  request,
  isShown,
  onShow,
}: {
  readonly asked: ViewingRequest
  readonly request: OriginalRequest | undefined
  /** Whether holding shows the original now. */
  readonly isShown: boolean
  readonly onShow: (isWanted: boolean) => void
}): ReactNode {
  const { original } = say
  const client = useQueryClient()
  const ask = useAction(requestApproval, ["cases"], (made) =>
    client.setQueryData(originalsQuery.queryKey, (before) => [...(before ?? []), made]),
  )
  const takeBack = useAction(declineOriginal, ["cases"])
  const state = request?.state
  return (
    <section className="stack" aria-labelledby="viewing-original" aria-live="polite">
      <h2 id="viewing-original">{original.title}</h2>
      {(state === undefined || state === "declined" || state === "withdrawn") && (
        <>
          <p className="quiet">{original.lead}</p>
          {state === "declined" && <p>{original.declined}</p>}
          <SignedWith kind="original" />
          <div className="row">
            <Button variant="default" loading={ask.isPending} onClick={() => ask.mutate(asked)}>
              {original.ask}
            </Button>
          </div>
        </>
      )}
      {request !== undefined && state === "waiting" && (
        <div className="row">
          <p>{original.waits(TIME.format(new Date(request.expiresAt)))}</p>
          <Button variant="default" loading={takeBack.isPending} onClick={() => takeBack.mutate(request.id)}>
            {original.takeBack}
          </Button>
        </div>
      )}
      {request !== undefined && state === "proven" && (
        <div className="row">
          <p>
            <Name id={request.decidedBy ?? ""} /> {original.ready}
          </p>
          {isShown ? (
            <Button variant="default" onClick={() => onShow(false)}>
              {original.back}
            </Button>
          ) : (
            <Button onClick={() => onShow(true)}>{original.show}</Button>
          )}
        </div>
      )}
      <Fault error={ask.error ?? takeBack.error} />
    </section>
  )
}
