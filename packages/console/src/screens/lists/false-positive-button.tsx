/**
 * The false positives of a case, and a form to report one: for people who decided that the case is no violation.
 *
 * ```tsx
 * <FalsePositiveButton caseId={head.caseId} items={caseItems} />
 * ```
 * @module
 */
import { NativeSelect } from "@mantine/core"
import type { FalsePositiveBody } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { useCan, useMe } from "../../api/me.ts"
import { Choice } from "../../parts/choice.tsx"
import { OfferedActions, OfferForm } from "../../parts/offered-actions.tsx"
import { Tag } from "../../parts/tag.tsx"
import { useAction } from "../../parts/use-action.ts"
import { caseQuery, historyQuery } from "../cases/queries.ts"
import { FalsePositiveOffers } from "./false-positive-item.tsx"
import { falsePositivesQuery, openFalsePositive } from "./queries.ts"
import { lists as say } from "./words.ts"

const { falsePositive: words, falsePositives } = say
type Reason = FalsePositiveBody["reason"]
const REASONS = Object.keys(falsePositives.reasons) as readonly Reason[]

/** An item of the case, with the members needed here. */
interface MatchedItem {
  readonly itemId: string
  /** From 0. */
  readonly position: number
  readonly matches: readonly { readonly list: string; readonly trust: string }[]
}

interface FalsePositiveButtonProps {
  readonly caseId: string
  readonly items: readonly MatchedItem[]
}

/**
 * The false positives reported for a case, and a button to report another. Empty without the permission, or if the case
 * was decided otherwise.
 */
export function FalsePositiveButton(props: FalsePositiveButtonProps): ReactNode {
  return useCan()("false-positive:report") ? <IfNoViolation {...props} /> : null
}

function IfNoViolation(props: FalsePositiveButtonProps): ReactNode {
  const { data: head } = useQuery(caseQuery(props.caseId))
  return head?.decided?.outcome === "not-violation" ? <CaseFalsePositives {...props} /> : null
}

function CaseFalsePositives({ caseId, items: caseItems }: FalsePositiveButtonProps): ReactNode {
  const me = useMe()
  const { data: events = [] } = useQuery(historyQuery(caseId))
  const { data: reported } = useQuery(falsePositivesQuery({ caseId }))
  if (reported === undefined) return null
  const isMine = events.some(
    ({ type, actor, data }) => type === "case.decision-given" && actor === me.id && data["basis"] === "not-violation",
  )
  const isOver = (itemId: string, list: string) =>
    reported.some(
      (each) => each.itemId === itemId && each.list === list && (each.state === "open" || each.state === "accepted"),
    )
  const matches = caseItems.flatMap(({ itemId, position, matches: found }) =>
    [...new Set(found.filter(({ trust }) => trust !== "test").map(({ list }) => list))]
      .filter((list) => !isOver(itemId, list))
      .map((list) => ({ itemId, list, label: words.item(position + 1, list) })),
  )
  const placeOf = (id: string) => (caseItems.find(({ itemId }) => itemId === id)?.position ?? 0) + 1
  return (
    <section className="stack">
      {reported.length > 0 && <h2>{words.reported}</h2>}
      {reported.map((falsePositive) => (
        <div key={falsePositive.falsePositiveId} className="stack-tight">
          <p className="row-between">
            {falsePositives.reasons[falsePositive.reason]} <Tag>{falsePositives.states[falsePositive.state]}</Tag>
          </p>
          <p className="quiet">
            {words.item(placeOf(falsePositive.itemId), falsePositive.list)}.{" "}
            {falsePositives.stateLines[falsePositive.state]}
          </p>
          {falsePositive.openedBy === me.id && falsePositive.state === "open" && (
            <FalsePositiveOffers falsePositive={falsePositive} waits />
          )}
        </div>
      ))}
      {isMine && matches.length > 0 && (
        <OfferedActions
          offers={[
            {
              id: "falsePositive",
              label: words.open,
              form: (close) => <FalsePositiveForm caseId={caseId} matches={matches} onClose={close} />,
            },
          ]}
        />
      )}
    </section>
  )
}

function FalsePositiveForm(props: {
  readonly caseId: string
  readonly matches: readonly { readonly itemId: string; readonly list: string; readonly label: string }[]
  readonly onClose: (announcement?: string) => void
}): ReactNode {
  const { caseId, matches, onClose } = props
  const [place, setPlace] = useState(0)
  const [reason, setReason] = useState<Reason>()
  const open = useAction(openFalsePositive, ["lists"], () => onClose(words.done))
  const match = matches[place]
  return (
    <OfferForm
      action={open}
      label={words.do}
      isReady={reason !== undefined}
      onCancel={onClose}
      onSubmit={() => {
        if (match === undefined || reason === undefined) return
        open.mutate({ caseId, itemId: match.itemId, list: match.list, reason })
      }}
    >
      <NativeSelect
        label={words.which}
        value={String(place)}
        onChange={({ currentTarget: { value } }) => setPlace(Number(value))}
        data={matches.map(({ label }, index) => ({ value: String(index), label }))}
      />
      <Choice
        label={words.why}
        required
        values={REASONS}
        value={reason}
        onChange={setReason}
        labels={falsePositives.reasons}
        hints={falsePositives.reasonHints}
      />
      <p className="quiet">{words.what}</p>
    </OfferForm>
  )
}
