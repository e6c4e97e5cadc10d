import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { useCan } from "../../../api/me.ts"
import { useKeys } from "../../../keys/keys.tsx"
import { Loaded } from "../../../parts/loaded.tsx"
import { PageHead } from "../../../parts/page.tsx"
import { Columns } from "../../../shell/columns.tsx"
import { countsQuery, peopleQuery } from "../queries.ts"
import { administration as say } from "../words.ts"
import { Invite } from "./invite.tsx"
import { PeopleRows } from "./people-rows.tsx"
import { PersonActions } from "./person-actions.tsx"
import { PersonDetails } from "./person-view.tsx"

const { people: words } = say

/** The people tab: everybody with an account, their roles and training. */
export function People(): ReactNode {
  const can = useCan()
  const query = useQuery(peopleQuery)
  const [chosen, setChosen] = useState<string>()
  const mayManage = can("person:manage")
  const invite = () => setChosen("new")
  useKeys([{ key: "n", label: words.invite.open, group: say.tabs.people, run: invite, when: mayManage }])
  return (
    <Loaded query={query}>
      {(people) => {
        const person = people.find(({ id }) => id === chosen)
        return (
          <Columns
            listLabel={words.listLabel}
            list={
              <PeopleRows
                people={people}
                chosen={chosen}
                onChoose={setChosen}
                invite={mayManage && <Button onClick={invite}>{words.invite.open}</Button>}
              />
            }
            chosen={chosen}
            actions={person === undefined ? undefined : <PersonActions key={person.id} person={person} />}
          >
            {person !== undefined && <PersonDetails key={person.id} person={person} />}
            {chosen === "new" && <Invite onCancel={() => setChosen(undefined)} />}
            {person === undefined && chosen !== "new" && <PeopleOverview mayManage={mayManage} />}
          </Columns>
        )
      }}
    </Loaded>
  )
}

function PeopleOverview({ mayManage }: { readonly mayManage: boolean }): ReactNode {
  const { data: counts } = useQuery(countsQuery)
  const reviewers = counts?.reviewers
  return (
    <div className="stack">
      <PageHead title={say.tabs.people} lead={words.lead} />
      {counts !== undefined && reviewers !== undefined && (
        <p>
          {words.counts(
            counts.active,
            reviewers.trained,
            reviewers.trained + reviewers.lapsed + reviewers.neverTrained,
          )}
        </p>
      )}
      <p className="quiet">{mayManage ? words.chooseOrInvite : words.choose}</p>
    </div>
  )
}
