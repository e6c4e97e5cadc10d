import { Checkbox, MultiSelect, Select, TextInput } from "@mantine/core"
import {
  CLASSIFICATIONS,
  type Classification,
  DECISION_FILE_ANNOTATIONS,
  DECISION_REPORT_ANNOTATIONS,
} from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { Tag } from "../../../parts/tag.tsx"
import type { CaseItem } from "../queries.ts"
import { cases as say } from "../words.ts"
import { type Draft, type JudgedItem, judgedOf } from "./draft.ts"

const { decide: words } = say

/** Number of items with a form of their own, those that are not exact matches first. */
const SHOWN = 50

interface DetailsProps {
  readonly draft: Draft
  readonly onChange: (part: Partial<Draft>) => void
  readonly items: readonly CaseItem[]
}

/** The report's category and annotations, and per item whether it is included, its classification and annotations. */
export function Details({ draft, onChange, items: caseItems }: DetailsProps): ReactNode {
  const judge = (caseItem: CaseItem, part: Partial<JudgedItem>) => {
    onChange({ items: { ...draft.items, [caseItem.itemId]: { ...judgedOf(draft, caseItem), ...part } } })
  }
  return (
    <div className="stack">
      <TextInput
        label={words.category}
        description={words.categoryHint}
        pattern="[a-z0-9][a-z0-9-]{0,39}"
        maxLength={40}
        value={draft.category}
        onChange={(event) => onChange({ category: event.currentTarget.value.toLowerCase() })}
      />
      <MultiSelect
        label={words.reportAnnotations}
        data={DECISION_REPORT_ANNOTATIONS.map((value) => ({ value, label: words.reportAnnotation[value] }))}
        value={[...draft.annotations]}
        onChange={(annotations) => onChange({ annotations: annotations as Draft["annotations"] })}
      />
      <h3>{words.eachItem}</h3>
      {[...caseItems.filter(isOther), ...caseItems.filter((caseItem) => !isOther(caseItem))]
        .slice(0, SHOWN)
        .map((caseItem) => (
          <ItemForm
            key={caseItem.itemId}
            item={caseItem}
            judged={judgedOf(draft, caseItem)}
            onJudge={(part) => judge(caseItem, part)}
          />
        ))}
    </div>
  )
}

const isOther = ({ strength }: CaseItem): boolean => strength !== "exact"

function ItemForm(props: {
  readonly item: CaseItem
  readonly judged: JudgedItem
  readonly onJudge: (part: Partial<JudgedItem>) => void
}): ReactNode {
  const { item: caseItem, judged, onJudge } = props
  const name = say.context.of(caseItem.position + 1)
  return (
    <fieldset className="cases-each">
      <legend>
        {name} <Tag tone={isOther(caseItem) ? "plain" : "accent"}>{say.item.strength[caseItem.strength]}</Tag>
      </legend>
      <Checkbox
        label={words.included}
        checked={judged.included}
        onChange={(event) => onJudge({ included: event.currentTarget.checked })}
      />
      {judged.included && (
        <>
          <Select
            label={words.classification}
            placeholder={words.unclassified}
            clearable
            data={CLASSIFICATIONS.map((value) => ({ value, label: words.classifications[value] }))}
            value={judged.classification ?? null}
            onChange={(value) => onJudge({ classification: (value ?? undefined) as Classification | undefined })}
          />
          <MultiSelect
            label={words.fileAnnotations}
            data={DECISION_FILE_ANNOTATIONS.map((value) => ({ value, label: words.fileAnnotation[value] }))}
            value={[...judged.annotations]}
            onChange={(annotations) => onJudge({ annotations: annotations as JudgedItem["annotations"] })}
          />
        </>
      )}
    </fieldset>
  )
}
