/**
 * Forms that keep evidence longer: a hold, or a later end of preservation.
 * @module
 */

import { NativeSelect, Textarea, TextInput } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { HoldBody } from "@nightlight/contract/server"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { endOfDay, toDay } from "../../parts/dates.ts"
import { DAY_MS } from "../../parts/durations.ts"
import { OfferForm } from "../../parts/offered-actions.tsx"
import { useAction } from "../../parts/use-action.ts"
import type { Piece } from "./queries.ts"
import { evidence as say } from "./words.ts"

const { hold: words, extend, holds } = say
type Reason = SchemaOutput<typeof HoldBody>["reason"]
const REASONS: readonly Reason[] = ["litigation", "investigation", "2703f", "appeal", "voluntary-2258a-h5"]

/** Places a hold on a case's evidence. */
export function HoldForm({
  caseId,
  onClose,
}: {
  readonly caseId: string
  readonly onClose: (announcement?: string) => void
}): ReactNode {
  const [reason, setReason] = useState<Reason>("litigation")
  const [reference, setReference] = useState("")
  const [until, setUntil] = useState("")
  const place = useAction(
    (body: SchemaOutput<typeof HoldBody>) => call("POST", `/v1/cases/${caseId}/holds`, { body }),
    ["preservation"],
    () => onClose(common.approval.done),
  )
  return (
    <OfferForm
      action={place}
      label={words.do}
      isReady={reference.trim() !== ""}
      onCancel={onClose}
      onSubmit={() =>
        place.mutate(
          compact({
            reason,
            reference: reference.trim(),
            until: until !== "" ? endOfDay(until) : undefined,
          }),
        )
      }
    >
      <p className="quiet">{words.lead}</p>
      <NativeSelect
        label={words.reason}
        value={reason}
        onChange={({ currentTarget: { value } }) => setReason(REASONS.find((each) => each === value) ?? "litigation")}
        data={REASONS.map((value) => ({ value, label: holds.reasons[value] ?? value }))}
      />
      <Textarea
        label={words.reference}
        description={words.referenceHint}
        required
        rows={2}
        maxLength={2000}
        value={reference}
        onChange={({ currentTarget: { value } }) => setReference(value)}
      />
      <TextInput
        type="date"
        label={words.until}
        description={words.untilHint}
        min={toDay(new Date())}
        value={until}
        onChange={({ currentTarget: { value } }) => setUntil(value)}
      />
    </OfferForm>
  )
}

/** Extends the preservation of a case's evidence. */
export function ExtendForm(props: {
  readonly caseId: string
  readonly evidence: readonly Piece[]
  readonly onClose: (announcement?: string) => void
}): ReactNode {
  const { caseId, evidence, onClose } = props
  const latest = evidence.reduce((end, { lockedUntil = "" }) => (lockedUntil > end ? lockedUntil : end), "")
  const first = new Date(Math.max(Date.now(), latest === "" ? 0 : Date.parse(latest)) + DAY_MS)
  const [until, setUntil] = useState("")
  const keep = useAction(
    (day: string) => call("POST", `/v1/cases/${caseId}/preservation/extend`, { body: { until: endOfDay(day) } }),
    ["preservation"],
    () => onClose(common.approval.done),
  )
  return (
    <OfferForm
      action={keep}
      label={extend.do}
      isReady={until !== ""}
      onCancel={onClose}
      onSubmit={() => keep.mutate(until)}
    >
      <p className="quiet">{extend.lead}</p>
      <TextInput
        type="date"
        label={extend.until}
        required
        min={toDay(first)}
        value={until}
        onChange={({ currentTarget: { value } }) => setUntil(value)}
      />
    </OfferForm>
  )
}
