import { NativeSelect, TextInput } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { endOfDay, startOfDay, toDay } from "../../parts/dates.ts"
import { DAY_MS } from "../../parts/durations.ts"
import { OfferForm } from "../../parts/offered-actions.tsx"
import { useAction } from "../../parts/use-action.ts"
import { tryVersion } from "./queries.ts"
import { policies as say } from "./words.ts"

const { trial: words } = say
const OWN = "own"

/** Starts a trial on the findings of a period. */
export function TryForm(props: {
  readonly digest: string
  readonly onTrial: (trialId: string) => void
  readonly onClose: (announcement?: string) => void
}): ReactNode {
  const { digest, onTrial, onClose } = props
  const [period, setPeriod] = useState("30")
  const [from, setFrom] = useState(() => toDay(new Date(Date.now() - 30 * DAY_MS)))
  const [to, setTo] = useState(() => toDay(new Date()))
  const start = useAction(
    (asked: { readonly from: string; readonly to: string }) => tryVersion(digest, asked),
    ["policies"],
    ({ trialId, state }) => {
      onTrial(trialId)
      onClose(state === "running" ? words.started : words.done)
    },
  )
  return (
    <OfferForm
      action={start}
      label={words.start}
      onCancel={onClose}
      onSubmit={() =>
        start.mutate(
          period === OWN ? { from: startOfDay(from), to: endOfDay(to) } : lastDays(Number(period), Date.now()),
        )
      }
    >
      <NativeSelect
        label={words.period}
        value={period}
        onChange={({ currentTarget: { value } }) => setPeriod(value)}
        data={Object.entries(words.periods).map(([value, label]) => ({ value, label }))}
      />
      {period === OWN && (
        <div className="row policies-period">
          <TextInput
            type="date"
            label={words.from}
            value={from}
            required
            onChange={({ currentTarget: { value } }) => setFrom(value)}
          />
          <TextInput
            type="date"
            label={words.to}
            value={to}
            required
            onChange={({ currentTarget: { value } }) => setTo(value)}
          />
        </div>
      )}
      <p className="quiet">{words.what}</p>
    </OfferForm>
  )
}

const lastDays = (days: number, nowMs: number): { readonly from: string; readonly to: string } => ({
  from: new Date(nowMs - days * DAY_MS).toISOString(),
  to: new Date(nowMs).toISOString(),
})
