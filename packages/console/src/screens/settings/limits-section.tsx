/**
 * The person's own limits of looking: stricter than everybody's, if they want.
 * @module
 */

import { Button, NumberInput, TextInput } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { ExposureLimitsBody, ExposureView } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type FormEvent, type ReactNode, useState } from "react"
import { call } from "../../api/call.ts"
import { exposureQuery } from "../../api/exposure.ts"
import type { Of } from "../../api/of.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { Fault } from "../../parts/states.tsx"
import { useAct } from "../../parts/use-act.ts"
import { Section } from "./section.tsx"
import { settings } from "./words.ts"

type Limits = Of<typeof ExposureLimitsBody>
type Whole = Of<typeof ExposureView>["limits"]
type Counted = Exclude<keyof Whole, "cutOff" | "originalsPerDay">

const say = settings.limits
/** Which way is stricter, and the end of the range there. */
const COUNTED: readonly { readonly name: Counted; readonly isLess: boolean; readonly end: number }[] = [
  { name: "itemsPerDay", isLess: true, end: 0 },
  { name: "minutesPerDay", isLess: true, end: 0 },
  { name: "consecutive", isLess: true, end: 1 },
  { name: "breakAfterMinutes", isLess: true, end: 5 },
  { name: "breakMinutes", isLess: false, end: 120 },
]

/** The section. */
export function LimitsSection(): ReactNode {
  const query = useQuery(exposureQuery)
  const [isSaved, setSaved] = useState(false)
  return (
    <Section id="limits" title={say.title} lead={say.lead}>
      <Loaded query={query} rows={3}>
        {(data) => (
          <Form
            key={JSON.stringify(data.own)}
            now={holding(data.organisation, data.own)}
            isSaved={isSaved}
            onSaved={() => setSaved(true)}
          />
        )}
      </Loaded>
    </Section>
  )
}

/** What holds besides the first days' lower limits: for each, the stricter of the two. */
function holding(globalLimits: Whole, own: Limits): Whole {
  const less = (name: Exclude<Counted, "breakMinutes"> | "originalsPerDay") =>
    Math.min(globalLimits[name], own[name] ?? Number.POSITIVE_INFINITY)
  const cutOffs = [globalLimits.cutOff, own.cutOff ?? null].filter((time) => time !== null)
  return {
    itemsPerDay: less("itemsPerDay"),
    originalsPerDay: less("originalsPerDay"),
    minutesPerDay: less("minutesPerDay"),
    breakAfterMinutes: less("breakAfterMinutes"),
    breakMinutes: Math.max(globalLimits.breakMinutes, own.breakMinutes ?? 0),
    consecutive: less("consecutive"),
    cutOff: cutOffs.toSorted()[0] ?? null,
  }
}

function Form(props: { readonly now: Whole; readonly isSaved: boolean; readonly onSaved: () => void }): ReactNode {
  const { now, isSaved, onSaved } = props
  const [typed, setTyped] = useState(now)
  const save = useAct((body: Limits) => call("PUT", "/v1/me/exposure/limits", { body }), ["exposure"], onSaved)
  const changed = Object.fromEntries(
    Object.entries(typed).filter(([name, value]) => value !== now[name as keyof Whole]),
  ) as Limits
  const isChanged = Object.keys(changed).length > 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(changed)
  }
  return (
    <form className="stack" onSubmit={submit}>
      <div className="settings-numbers">
        {COUNTED.map(({ name, isLess, end }) => (
          <NumberInput
            key={name}
            label={say.names[name]}
            min={isLess ? end : now[name]}
            max={isLess ? now[name] : end}
            allowDecimal={false}
            value={typed[name]}
            onChange={(value) => typeof value === "number" && setTyped({ ...typed, [name]: value })}
          />
        ))}
        <TextInput
          label={say.names.cutOff}
          type="time"
          {...compact({ max: now.cutOff !== null ? now.cutOff : undefined })}
          value={typed.cutOff ?? ""}
          onChange={(event) => setTyped({ ...typed, cutOff: event.currentTarget.value || now.cutOff })}
        />
      </div>
      <Fault error={save.error} />
      <div className="row">
        <Button type="submit" variant="default" disabled={!isChanged} loading={save.isPending}>
          {say.save}
        </Button>
        <span className="quiet" aria-live="polite">
          {isChanged ? "" : isSaved ? say.saved : say.unchanged}
        </span>
      </div>
    </form>
  )
}
