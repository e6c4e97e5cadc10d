import { Button, SegmentedControl } from "@mantine/core"
import { stricterViewing, type ViewingPreferences } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { preferencesQuery } from "../../api/preferences.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { Section } from "../../parts/section.tsx"
import { Fault } from "../../parts/states.tsx"
import { isStricter } from "../../viewing/settings.ts"
import { Preview } from "./preview.tsx"
import { SavedNote } from "./saved-note.tsx"
import { useSavePreferences } from "./use-save-preferences.ts"
import { settings } from "./words.ts"

const say = settings.viewing
const SIZES = [256, 192, 128, 96]
const BLURS = [0, 2, 4, 8, 16, 24]
const SECONDS = [10, 7, 5, 3, 2]

/** The person's viewing settings, each at least as strict as the organisation's, with a preview on a drawn shape. */
export function ViewingSection(): ReactNode {
  const query = useQuery(preferencesQuery)
  const [isSaved, setSaved] = useState(false)
  return (
    <Section id="viewing" title={say.title} lead={say.lead}>
      <Loaded query={query} rows={3}>
        {(data) => (
          <Form
            key={JSON.stringify([data.viewing, data.floor])}
            own={stricterViewing(data.viewing, data.floor)}
            floor={data.floor}
            isSaved={isSaved}
            onSaved={setSaved}
          />
        )}
      </Loaded>
    </Section>
  )
}

function Form(props: {
  readonly own: ViewingPreferences
  readonly floor: ViewingPreferences
  readonly isSaved: boolean
  readonly onSaved: (isSaved: boolean) => void
}): ReactNode {
  const { own, floor, isSaved, onSaved } = props
  const [viewing, setViewing] = useState(own)
  const save = useSavePreferences(() => onSaved(true))
  const set = (part: Partial<ViewingPreferences>) => {
    setViewing({ ...viewing, ...part })
    onSaved(false)
  }
  const isChanged = JSON.stringify(viewing) !== JSON.stringify(own)
  return (
    <div className="settings-viewing">
      <div className="settings-steps">
        <Steps
          label={say.size}
          values={stepsOf(SIZES, floor.sizePx, own.sizePx, "less")}
          value={viewing.sizePx}
          words={say.sizeValue}
          onChange={(sizePx) => set({ sizePx })}
        />
        <Steps
          label={say.blur}
          values={stepsOf(BLURS, floor.blurPx, own.blurPx, "more")}
          value={viewing.blurPx}
          words={say.blurValue}
          onChange={(blurPx) => set({ blurPx })}
        />
        <Steps
          label={say.hide}
          values={stepsOf(SECONDS, floor.hideAfterSeconds, own.hideAfterSeconds, "less")}
          value={viewing.hideAfterSeconds}
          words={say.hideValue}
          onChange={(hideAfterSeconds) => set({ hideAfterSeconds })}
        />
        <p>{say.grey}</p>
        <p className="quiet">{say.stricterOnly}</p>
        <Fault error={save.error} />
        <div className="row">
          <Button disabled={!isChanged} loading={save.isPending} onClick={() => save.mutate({ viewing })}>
            {say.save}
          </Button>
          {isStricter(viewing, floor) && (
            <Button variant="subtle" onClick={() => set(floor)}>
              {say.reset}
            </Button>
          )}
          <SavedNote isShown={isSaved && !isChanged}>{say.saved}</SavedNote>
        </div>
      </div>
      <Preview viewing={viewing} />
    </div>
  )
}

/**
 * The values to choose from that are not looser than the organisation's, including both present values, loosest first.
 *
 * @param stricter - whether a stricter value is less than another, or more.
 */
function stepsOf(steps: readonly number[], floor: number, own: number, stricter: "less" | "more"): readonly number[] {
  const sign = stricter === "less" ? -1 : 1
  const allowed = steps.filter((step) => sign * (step - floor) >= 0)
  return [...new Set([...allowed, floor, own])].toSorted((a, b) => sign * (a - b))
}

function Steps(props: {
  readonly label: string
  readonly values: readonly number[]
  readonly value: number
  readonly words: (value: number) => string
  readonly onChange: (value: number) => void
}): ReactNode {
  const { label, values, value, words, onChange } = props
  return (
    <fieldset className="settings-step">
      <legend>
        {label}: {words(value)}
      </legend>
      <SegmentedControl
        aria-label={label}
        fullWidth
        value={String(value)}
        onChange={(chosen) => onChange(Number(chosen))}
        data={values.map((each) => ({ value: String(each), label: String(each) }))}
      />
    </fieldset>
  )
}
