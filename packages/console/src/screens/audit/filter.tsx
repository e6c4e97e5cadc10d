import { Button, Select, TextInput } from "@mantine/core"
import { compact } from "@nightlight/contract"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useRef, useState } from "react"
import { events, eventWords } from "#messages/events.ts"
import { namesQuery } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { shortId } from "../../parts/format.ts"
import type { LogFilter } from "./queries.ts"
import { audit as say } from "./words.ts"

const { filter: words, familyNames } = say
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/

const byLabel = (a: { readonly label: string }, b: { readonly label: string }) => a.label.localeCompare(b.label)
const WHAT = [
  {
    group: words.families,
    items: Object.entries(familyNames)
      .map(([name, label]) => ({ value: `${name}.`, label: words.family(label) }))
      .toSorted(byLabel),
  },
  {
    group: words.types,
    items: Object.keys(events)
      .map((type) => ({ value: type, label: `${eventWords(type)} (${type})` }))
      .toSorted(byLabel),
  },
]

/**
 * The search fields of the log. It searches only on submit, because each search is recorded. Mount it with the filter
 * as `key`.
 */
export function LogFilterForm({
  filter,
  onSearch,
}: {
  readonly filter: LogFilter
  readonly onSearch: (filter: LogFilter) => void
}): ReactNode {
  const { data: names } = useQuery(namesQuery)
  const [typed, setTyped] = useState(filter)
  const about = useRef<HTMLInputElement>(null)
  useKeys([{ key: "/", label: say.keys.search, group: say.keys.group, run: () => about.current?.focus() }])
  const set = (name: keyof LogFilter, value: string | null) => {
    const { [name]: _before, ...others } = typed
    setTyped(value === null || value === "" ? others : { ...others, [name]: value })
  }
  const isWrong = typed.subject !== undefined && !ID.test(typed.subject.trim())
  const people = [...(names ?? [])].map(([value, label]) => ({ value, label })).toSorted(byLabel)
  const isOther = typed.by !== undefined && !people.some(({ value }) => value === typed.by)
  return (
    <form
      className="audit-filter"
      aria-label={words.label}
      onSubmit={(event) => {
        event.preventDefault()
        onSearch({ ...typed, ...compact({ subject: typed.subject?.trim() }) })
      }}
    >
      <Select
        label={words.what}
        placeholder={words.whatAll}
        searchable
        clearable
        limit={200}
        value={typed.type ?? null}
        onChange={(value) => set("type", value)}
        data={withChosen(typed.type)}
      />
      <Select
        label={words.who}
        placeholder={words.whoAll}
        searchable
        clearable
        value={typed.by ?? null}
        onChange={(value) => set("by", value)}
        data={isOther ? [{ value: typed.by, label: shortId(typed.by) }, ...people] : people}
      />
      <TextInput
        ref={about}
        label={words.about}
        placeholder={words.aboutHint}
        error={isWrong ? words.invalid : undefined}
        value={typed.subject ?? ""}
        onChange={({ currentTarget: { value } }) => set("subject", value)}
      />
      <TextInput
        type="date"
        label={words.since}
        value={typed.since ?? ""}
        onChange={({ currentTarget: { value } }) => set("since", value)}
      />
      <TextInput
        type="date"
        label={words.until}
        value={typed.until ?? ""}
        onChange={({ currentTarget: { value } }) => set("until", value)}
      />
      <div className="row audit-search">
        <Button type="submit" variant="default" disabled={isWrong}>
          {words.search}
        </Button>
        {Object.keys(filter).length > 0 && (
          <Button variant="default" onClick={() => onSearch({})}>
            {words.clear}
          </Button>
        )}
      </div>
    </form>
  )
}

/** Adds a type that the address names and that has no words, so that it can be selected. */
function withChosen(type: string | undefined) {
  const isKnown = type === undefined || WHAT.some(({ items }) => items.some(({ value }) => value === type))
  return isKnown ? WHAT : [...WHAT, { group: type, items: [{ value: type, label: type }] }]
}
