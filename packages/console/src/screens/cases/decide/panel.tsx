import { Button, Checkbox, Textarea } from "@mantine/core"
import { BASES, type DecisionBody } from "@nightlight/contract/server"
import { type ReactNode, useRef, useState } from "react"
import { call } from "../../../api/call.ts"
import { useKeys } from "../../../keys/keys.tsx"
import { Fault } from "../../../parts/states.tsx"
import { useAction } from "../../../parts/use-action.ts"
import { type CaseDetail, type CaseItem, showCase } from "../queries.ts"
import { cases as say } from "../words.ts"
import { Bases } from "./bases.tsx"
import { Details } from "./details.tsx"
import { inclusionOf, isReportable, toBody, useDraft } from "./draft.ts"
import { ItemInclusion } from "./item-inclusion.tsx"
import { templateFor } from "./rationale.ts"
import { Template } from "./template.tsx"
import { useHasViewed } from "./use-has-viewed.ts"

const { decide: words, keys } = say

interface DecisionPanelProps {
  readonly head: CaseDetail
  readonly items: readonly CaseItem[]
  /** Called with the case as it is after the decision. */
  readonly onDecided: (decided: CaseDetail, basis: DecisionBody["basis"]) => void
}

/**
 * The decision form for the reviewer who has claimed the case: a basis, a rationale, the details and the submit button.
 * Mount it with the case's id as `key`.
 */
export function DecisionPanel({ head, items: caseItems, onDecided }: DecisionPanelProps): ReactNode {
  const [draft, change] = useDraft(head.caseId)
  const [isOpen, setOpen] = useState(false)
  const [missing, setMissing] = useState<string>()
  // A template says that nothing was viewed, so people who viewed an item write their own rationale.
  const hasViewed = useHasViewed(head.caseId)
  const template = hasViewed ? undefined : draft.template
  const reason = useRef<HTMLTextAreaElement>(null)
  const decide = useAction(
    (basis: DecisionBody["basis"]) =>
      call<CaseDetail>("POST", `/v1/cases/${head.caseId}/decisions`, {
        body: toBody({ ...draft, template }, basis, head.version),
      }),
    ["cases"],
    (decided, basis, client) => {
      showCase(client, decided)
      onDecided(decided, basis)
    },
  )
  const choose = (basis: DecisionBody["basis"]) => {
    setMissing(undefined)
    change({ basis, template: templateFor(head, caseItems, basis) })
  }
  const give = () => {
    if (decide.isPending) return
    if (draft.basis === undefined) return setMissing(words.needBasis)
    if (isReportable(draft.basis)) {
      const { open, included } = inclusionOf(draft, caseItems)
      if (open.length > 0) return setMissing(words.include.needAnswer(open.length))
      if (included === 0) return setMissing(words.include.needOne)
    }
    if (template === undefined && draft.rationale.trim() === "") {
      setMissing(words.needRationale)
      return reason.current?.focus()
    }
    setMissing(undefined)
    decide.mutate(draft.basis)
  }
  useKeys([
    ...BASES.map((basis, place) => ({
      key: String(place + 1),
      label: keys.decide(words.basis[basis]),
      group: keys.group,
      run: () => choose(basis),
    })),
    { key: "n", label: keys.rationale, group: keys.group, run: () => reason.current?.focus() },
    {
      key: "s",
      label: keys.second,
      group: keys.group,
      run: () => change({ requestsSecondReview: !draft.requestsSecondReview }),
      when: head.state === "open",
    },
    { key: "l", label: keys.details, group: keys.group, run: () => setOpen(!isOpen) },
    { key: "Enter", label: keys.take, group: keys.group, run: give },
  ])
  return (
    <div className="stack">
      <h2>{head.state === "resolution" ? words.resolveTitle : words.title}</h2>
      {head.state === "second-review" && <p className="quiet">{words.blind}</p>}
      <Bases value={draft.basis} onChoose={choose} />
      {draft.basis !== undefined && (
        <div className="cases-follows">
          <h3>{words.policyTitle}</h3>
          <p className="quiet">{words.follows[draft.basis]}</p>
        </div>
      )}
      {draft.basis !== undefined && isReportable(draft.basis) && (
        <ItemInclusion draft={draft} items={caseItems} onChange={change} onEach={() => setOpen(true)} />
      )}
      {template !== undefined && <Template id={template} onWithout={() => change({ template: undefined })} />}
      <Textarea
        ref={reason}
        label={template === undefined ? words.rationale : words.rationaleMore}
        description={words.rationaleHint}
        autosize
        minRows={3}
        maxLength={10_000}
        value={draft.rationale}
        onChange={(event) => change({ rationale: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur()
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          give()
        }}
      />
      {draft.basis !== undefined && isReportable(draft.basis) && (
        <>
          <Button variant="subtle" onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
            {words.more}
          </Button>
          {isOpen && <Details draft={draft} onChange={change} items={caseItems} />}
        </>
      )}
      {head.state === "open" && (
        <Checkbox
          label={words.requestSecondReview}
          checked={draft.requestsSecondReview}
          onChange={(event) => change({ requestsSecondReview: event.currentTarget.checked })}
        />
      )}
      {missing !== undefined && (
        <p role="alert" className="amber">
          {missing}
        </p>
      )}
      <Fault error={decide.error} />
      <Button onClick={give} loading={decide.isPending} rightSection={<span aria-hidden="true">↵</span>}>
        {words.give}
      </Button>
    </div>
  )
}
