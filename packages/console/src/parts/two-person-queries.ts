/**
 * Acts that take two people, as the server lists them, and those that this page's reader just answered.
 * @module
 */
import type { ActList, ActView, SecondedAct } from "@nightlight/contract/server"
import { queryOptions, useQuery } from "@tanstack/react-query"
import { useSyncExternalStore } from "react"
import { call } from "../api/call.ts"
import { useCan } from "../api/me.ts"
import type { Of } from "../api/of.ts"

/** An act, and what seconding it answered. */
export type Seconded = Of<typeof SecondedAct>

/** `GET /v1/acts` of one state: newest first, at most 200. */
export const actsQuery = (state: ActView["state"]) =>
  queryOptions({
    queryKey: ["acts", state],
    queryFn: async ({ signal }) =>
      (await call<Of<typeof ActList>>("GET", "/v1/acts", { query: { state }, signal })).acts,
  })

/**
 * Acts that wait and those that the reader just answered, which stay until they are put away: what is shown once must
 * not vanish because a list was read again. First those that the reader may second, by deadline.
 */
export function useWaitingActs(of: (act: ActView) => boolean = () => true): readonly ActView[] {
  const isReader = useCan()("act:read")
  const { data = [] } = useQuery({ ...actsQuery("waiting"), enabled: isReader })
  const answered = useAnswered()
  const kept = [...answered.values()].map(({ act }) => act)
  const waiting = data.filter(({ id }) => !answered.has(id))
  return [...kept, ...waiting.toSorted(byUrgency)].filter(of)
}

function byUrgency(a: ActView, b: ActView): number {
  return Number(b.maySecond) - Number(a.maySecond) || a.expiresAt.localeCompare(b.expiresAt)
}

let answers: ReadonlyMap<string, Seconded> = new Map()
const listeners = new Set<() => void>()

function setAnswers(next: ReadonlyMap<string, Seconded>): void {
  answers = next
  for (const tell of listeners) tell()
}

/** Keeps what an act came to until it is put away; in memory alone. */
export function keepAnswer(answer: Seconded): void {
  setAnswers(new Map(answers).set(answer.act.id, answer))
}

/** Forgets what an act came to. */
export function putAway(actId: string): void {
  setAnswers(new Map([...answers].filter(([id]) => id !== actId)))
}

/** What the reader's answers came to, by act. */
export function useAnswered(): ReadonlyMap<string, Seconded> {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    () => answers,
  )
}
