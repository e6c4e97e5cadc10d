import { Button, TagsInput } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { preferencesQuery } from "../../api/preferences.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { Section } from "../../parts/section.tsx"
import { Fault } from "../../parts/states.tsx"
import { SavedNote } from "./saved-note.tsx"
import { useSavePreferences } from "./use-save-preferences.ts"
import { waitingCategoriesQuery } from "./waiting-categories.ts"
import { settings } from "./words.ts"

const say = settings.optOut
/** The server's limit. */
const CATEGORIES_MAX = 32

/** The categories whose cases the person does not want to be given. */
export function OptOutSection(): ReactNode {
  const query = useQuery(preferencesQuery)
  const [isSaved, setSaved] = useState(false)
  return (
    <Section id="opt-out" title={say.title} lead={say.lead}>
      <Loaded query={query} rows={1}>
        {({ optOutCategories }) => (
          <Form key={JSON.stringify(optOutCategories)} kept={optOutCategories} isSaved={isSaved} onSaved={setSaved} />
        )}
      </Loaded>
    </Section>
  )
}

function Form(props: {
  readonly kept: readonly string[]
  readonly isSaved: boolean
  readonly onSaved: (isSaved: boolean) => void
}): ReactNode {
  const { kept, isSaved, onSaved } = props
  const { data: waiting = [] } = useQuery(waitingCategoriesQuery)
  const [categories, setCategories] = useState([...kept])
  const save = useSavePreferences(() => onSaved(true))
  const isChanged = JSON.stringify(categories) !== JSON.stringify(kept)
  return (
    <div className="stack">
      <TagsInput
        label={say.label}
        description={say.hint}
        data={[...waiting]}
        maxTags={CATEGORIES_MAX}
        value={categories}
        onChange={(value) => {
          setCategories(value)
          onSaved(false)
        }}
      />
      <Fault error={save.error} />
      <div className="row">
        <Button
          variant="default"
          disabled={!isChanged}
          loading={save.isPending}
          onClick={() => save.mutate({ optOutCategories: categories })}
        >
          {say.save}
        </Button>
        <SavedNote isShown={isSaved && !isChanged}>{say.saved}</SavedNote>
      </div>
    </div>
  )
}
