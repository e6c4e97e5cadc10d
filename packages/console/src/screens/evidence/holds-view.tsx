import { Button, Modal } from "@mantine/core"
import type { LiftBody } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { call } from "../../api/call.ts"
import { useCan } from "../../api/me.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { Choice } from "../../parts/choice.tsx"
import { HeadedTable } from "../../parts/data-table.tsx"
import { day } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { Fault } from "../../parts/states.tsx"
import { Ago } from "../../parts/time.tsx"
import { useAction } from "../../parts/use-action.ts"
import { useNow } from "../../parts/use-now.ts"
import { casePreservationQuery, type Hold, isLive, openHold } from "./queries.ts"
import { evidence as say } from "./words.ts"

const { holds: words } = say
type LiftReason = SchemaOutput<typeof LiftBody>["why"]
const REASONS = Object.keys(words.liftReasons) as readonly LiftReason[]

/** The holds of a case, with a button to lift each; the sealed reference is opened on request. */
export function HoldsView({ caseId }: { readonly caseId: string }): ReactNode {
  const { data } = useQuery(casePreservationQuery(caseId))
  const [lifting, setLifting] = useState<Hold>()
  const now = useNow()
  if (data === undefined) return null
  const { holds } = data
  const live = holds.filter((hold) => isLive(hold, now)).length
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {holds.length === 0 && <p className="quiet">{words.none}</p>}
      {holds.length > 0 && (
        <HeadedTable
          heads={[{ name: words.columns.reason }, { name: words.columns.placed }, { name: words.columns.until }, {}]}
        >
          {holds.map((hold) => (
            <HoldRow key={hold.holdId} hold={hold} isHolding={isLive(hold, now)} onLift={() => setLifting(hold)} />
          ))}
        </HeadedTable>
      )}
      {lifting !== undefined && <LiftDialog hold={lifting} live={live} onClose={() => setLifting(undefined)} />}
    </section>
  )
}

function HoldRow(props: { readonly hold: Hold; readonly isHolding: boolean; readonly onLift: () => void }): ReactNode {
  const { hold, isHolding, onLift } = props
  const mayHold = useCan()("preservation:hold")
  const read = useAction(openHold, [])
  return (
    <>
      <tr>
        <td>{words.reasons[hold.reason] ?? hold.reason}</td>
        <td>
          <Ago at={hold.placedAt} />, <Name id={hold.placedBy} />
        </td>
        <td>
          {hold.liftedAt !== undefined && (
            <>
              {words.lifted} <Ago at={hold.liftedAt} />
              {hold.liftedBy !== undefined && (
                <>
                  , <Name id={hold.liftedBy} />
                </>
              )}
            </>
          )}
          {hold.liftedAt === undefined && (hold.until === undefined ? words.open : day(hold.until))}
          {hold.liftedAt === undefined && !isHolding && ` (${words.over})`}
        </td>
        <td>
          {mayHold && (
            <span className="row" style={{ justifyContent: "flex-end" }}>
              {read.data === undefined && (
                <Button
                  size="compact-sm"
                  variant="default"
                  title={words.readHint}
                  loading={read.isPending}
                  onClick={() => read.mutate(hold.holdId)}
                >
                  {words.read}
                </Button>
              )}
              {isHolding && (
                <Button size="compact-sm" variant="default" onClick={onLift}>
                  {words.lift}
                </Button>
              )}
            </span>
          )}
        </td>
      </tr>
      {(read.data !== undefined || read.error !== null) && (
        <tr>
          <td colSpan={4} aria-live="polite">
            <Fault error={read.error} />
            {read.data !== undefined && (
              <p className="prewrap">
                <span className="quiet">{words.reference}:</span> {read.data}
              </p>
            )}
          </td>
        </tr>
      )}
    </>
  )
}

function LiftDialog(props: { readonly hold: Hold; readonly live: number; readonly onClose: () => void }): ReactNode {
  const { hold, live, onClose } = props
  const [why, setWhy] = useState<LiftReason>()
  const lift = useAction(
    (reason: LiftReason) => call("POST", `/v1/holds/${hold.holdId}/lift`, { body: { why: reason } }),
    ["preservation"],
    onClose,
  )
  return (
    <Modal opened onClose={onClose} title={words.liftTitle} closeButtonProps={{ "aria-label": common.close }}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (why !== undefined) lift.mutate(why)
        }}
      >
        <p>{words.liftWhat(live)}</p>
        <Choice
          label={words.liftWhy}
          required
          values={REASONS}
          value={why}
          onChange={setWhy}
          labels={words.liftReasons}
        />
        <Fault error={lift.error} />
        <div className="row">
          <Button type="submit" disabled={why === undefined} loading={lift.isPending}>
            {words.liftDo}
          </Button>
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
