import { NativeSelect } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { day } from "../../../parts/format.ts"
import { Empty } from "../../../parts/states.tsx"
import { Tag } from "../../../parts/tag.tsx"
import { useNow } from "../../../parts/use-now.ts"
import { RowList } from "../../../shell/row-list.tsx"
import type { Person } from "../queries.ts"
import { administration as say } from "../words.ts"
import { isActive, isInvited, mustBeTrained, SOON_MS } from "./account-status.ts"

const { people: words } = say
const SHOWN = {
  here: isActive,
  invited: isInvited,
  left: ({ deactivatedAt }: Person) => deactivatedAt !== undefined,
  all: () => true,
} as const
type Shown = keyof typeof SHOWN
const idOf = ({ id }: Person): string => id

/** The left column: the list of people, with a filter. */
export function PeopleRows(props: {
  readonly people: readonly Person[]
  readonly chosen: string | undefined
  readonly onChoose: (id: string) => void
  readonly invite: ReactNode
}): ReactNode {
  const [shown, setShown] = useState<Shown>("all")
  const rows = props.people.filter(SHOWN[shown])
  return (
    <>
      <div className="administration-head">
        {props.invite}
        <NativeSelect
          label={words.filter.label}
          value={shown}
          onChange={({ currentTarget: { value } }) => setShown(isShown(value) ? value : "all")}
          data={Object.keys(SHOWN)
            .filter(isShown)
            .map((value) => ({ value, label: words.filter[value] }))}
        />
      </div>
      {rows.length === 0 ? (
        <Empty title={words.emptyTitle} />
      ) : (
        <RowList
          items={rows}
          idOf={idOf}
          selected={props.chosen}
          onSelect={props.onChoose}
          row={(person) => <Row person={person} />}
          rowHeight={60}
          label={words.listLabel}
        />
      )}
    </>
  )
}

const isShown = (value: string): value is Shown => Object.hasOwn(SHOWN, value)

function Row({ person }: { readonly person: Person }): ReactNode {
  const { name, roles } = person
  return (
    <>
      <div className="row-line">
        <span className="administration-strong">{name}</span>
        <AccountStatus person={person} />
      </div>
      <div className="quiet row-line">
        <span className="administration-cut">
          {roles.length === 0 ? words.noRoles : roles.map(({ role }) => words.roleNames[role] ?? role).join(", ")}
        </span>
        <TrainedUntil person={person} />
      </div>
    </>
  )
}

function TrainedUntil({ person }: { readonly person: Person }): ReactNode {
  const now = useNow()
  const { training } = person
  if (!isActive(person) || !mustBeTrained(person) || training?.current !== true) return null
  const isSoon = Date.parse(training.renewsAt) - now < SOON_MS
  return <span className={isSoon ? "amber" : ""}>{words.trainedUntil(day(training.renewsAt))}</span>
}

function AccountStatus({ person }: { readonly person: Person }): ReactNode {
  const { tags } = words
  if (person.deactivatedAt !== undefined) return <Tag>{tags.left}</Tag>
  if (person.joinedAt === undefined) return <Tag>{tags.invited}</Tag>
  if (!mustBeTrained(person) || person.training?.current === true) return null
  return <Tag tone="amber">{person.training === undefined ? tags.untrained : tags.lapsed}</Tag>
}
