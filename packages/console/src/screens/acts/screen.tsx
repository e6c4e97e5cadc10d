/**
 * Every act of two people that the reader has a part in: what waits for them first, what they asked for, what was
 * answered.
 * @module
 */
import type { ActView } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { acts as say } from "#messages/acts.ts"
import { useMe } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { Loaded } from "../../parts/loaded.tsx"
import { Page } from "../../parts/page.tsx"
import { Empty } from "../../parts/states.tsx"
import { WaitingAct } from "../../parts/two-person.tsx"
import { actsQuery, useAnswered, useWaitingActs } from "../../parts/two-person-queries.ts"
import { DecidedApprovals } from "./decided-approvals.tsx"

/** The page. */
export function ActsScreen(): ReactNode {
  return (
    <Page title={say.title} lead={say.lead}>
      <Waiting />
      <DecidedApprovals />
    </Page>
  )
}

function Waiting(): ReactNode {
  const { id: me } = useMe()
  const query = useQuery(actsQuery("waiting"))
  const acts = useWaitingActs()
  const answered = useAnswered()
  const [chosen, setChosen] = useState<string>()
  const isForMe = ({ id, maySecond }: ActView) => maySecond || answered.has(id)
  const forMe = acts.filter(isForMe)
  const mine = acts.filter((act) => !isForMe(act) && act.askedBy === me)
  const others = acts.filter((act) => !isForMe(act) && act.askedBy !== me)
  const all = [...forMe, ...mine, ...others]
  const move = (by: number) => {
    const index = all.findIndex(({ id }) => id === chosen)
    const next = all[index < 0 ? 0 : Math.min(Math.max(index + by, 0), all.length - 1)]
    setChosen(next?.id)
  }
  useKeys([
    { key: "j", label: say.key.next, group: say.title, run: () => move(1), repeats: true, when: all.length > 0 },
    { key: "k", label: say.key.previous, group: say.title, run: () => move(-1), repeats: true, when: all.length > 0 },
  ])
  return (
    <Loaded query={query} rows={2} rowHeight={160} failure="instead">
      {() => {
        if (all.length === 0) return <Empty title={say.noneTitle} hint={say.noneHint} />
        const show = (act: ActView) => (
          <WaitingAct key={act.id} act={act} isChosen={act.id === chosen} hasKeys={act.id === (chosen ?? all[0]?.id)} />
        )
        return (
          <>
            <section className="stack" aria-labelledby="acts-for-you">
              <h2 id="acts-for-you">{say.forYou}</h2>
              {forMe.length === 0 && <p className="quiet">{say.forYouNone}</p>}
              {forMe.map(show)}
            </section>
            {mine.length > 0 && (
              <section className="stack" aria-labelledby="acts-yours">
                <h2 id="acts-yours">{say.yours}</h2>
                {mine.map(show)}
              </section>
            )}
            {others.length > 0 && (
              <section className="stack" aria-labelledby="acts-others">
                <h2 id="acts-others">{say.others}</h2>
                {others.map(show)}
              </section>
            )}
          </>
        )
      }}
    </Loaded>
  )
}
