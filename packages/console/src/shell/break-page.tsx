import { Button } from "@mantine/core"
import type { ReactNode } from "react"
import { away } from "#messages/away.ts"
import { exposure } from "#messages/exposure.ts"
import { useNow } from "../parts/use-now.ts"
import { AwayPage } from "./away-page.tsx"
import type { Break } from "./break.ts"

const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" })
const say = away.breakPage

/**
 * A break: how long the person has been away, and a button back, which a due break unlocks when it is over. `onGoOn`
 * returns to the page without viewing while the break is still due.
 */
export function BreakPage({
  taken,
  onBack,
  onGoOn,
  isBusy,
  isFailed,
}: {
  readonly taken: Break
  readonly onBack: () => void
  readonly onGoOn: () => void
  readonly isBusy: boolean
  readonly isFailed: boolean
}): ReactNode {
  const now = useNow()
  const awayMinutes = Math.floor((now - Date.parse(taken.since)) / 60_000)
  const isOver = now >= Date.parse(taken.until)
  const isDue = taken.kind === "due" && !isOver
  return (
    <AwayPage title={say[taken.kind]}>
      <div className="stack">
        <p>{awayMinutes < 1 ? say.awayJust : say.away(exposure.minutes(awayMinutes))}</p>
        <p>{say.line}</p>
        <p aria-live="polite">
          {isDue ? say.backAt(TIME.format(new Date(taken.until))) : isOver ? say.backNow : say.backOwn}
        </p>
      </div>
      <div className="row">
        <Button onClick={onBack} disabled={isDue} loading={isBusy}>
          {say.back}
        </Button>
      </div>
      {isFailed && (
        <p className="fault" role="alert">
          {say.failed}
        </p>
      )}
      {isDue && (
        <div className="stack-tight">
          <p className="quiet">{say.urgent}</p>
          <div className="row">
            <Button variant="subtle" onClick={onGoOn}>
              {say.goOn}
            </Button>
          </div>
        </div>
      )}
    </AwayPage>
  )
}
