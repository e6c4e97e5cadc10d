import { Button } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { compact } from "@nightlight/contract"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { type ReactNode, useRef, useState } from "react"
import { useKeys } from "../../keys/keys.tsx"
import { Page } from "../../parts/page.tsx"
import { Failed, Fault, Loading, wordsOf } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { Columns } from "../../shell/columns.tsx"
import { Places } from "../lists/places.tsx"
import { CheckList, type Problem } from "./check-list.tsx"
import { CodeEditor, moveCursorTo } from "./code-editor.tsx"
import { forgetDraft, useDraft } from "./draft.ts"
import { checkQuery, keepVersion, versionQuery, type WholeVersion } from "./queries.ts"
import { nameOf } from "./state-tag.tsx"
import { policies as say } from "./words.ts"

const { editor: words } = say
const CHECK_AFTER_MS = 400
/** The server's limit, in UTF-16 code units. */
const MOST = 65_536

interface EditorProps {
  readonly list: ReactNode
  readonly onKept: (digest: string) => void
}

/**
 * The editor of a new version: its text and tests, checked while the user types, with the problems by line. `from`:
 * digest of the version it starts from.
 */
export function EditorPage({ from, ...props }: EditorProps & { readonly from: string }): ReactNode {
  const { data, error, refetch } = useQuery(versionQuery(from))
  if (data !== undefined) return <Editor key={from} start={data} {...props} />
  return (
    <Columns list={props.list} listLabel={say.listLabel} chosen="new">
      {error === null ? <Loading /> : <Failed error={error} onRetry={() => void refetch()} />}
    </Columns>
  )
}

function Editor({ start, list, onKept }: EditorProps & { readonly start: WholeVersion }): ReactNode {
  const { digest } = start.policy
  const first = { text: start.text, tests: start.testsText ?? "" }
  const [draft, change, startOver] = useDraft(digest, first)
  const [typed] = useDebouncedValue(draft, CHECK_AFTER_MS)
  const checked = useQuery({ ...checkQuery(typed), placeholderData: keepPreviousData })
  const keep = useAction(keepVersion, ["policies"], (kept) => {
    forgetDraft(digest)
    onKept(kept.digest)
  })
  const text = useRef<HTMLTextAreaElement>(null)
  const tests = useRef<HTMLTextAreaElement>(null)
  const isChanged = draft.text !== first.text || draft.tests !== first.tests
  const isTooLong = draft.text.length > MOST
  const problems = checked.data?.problems ?? []
  const go = (problem: Problem) => moveCursorTo(isOfTests(problem) ? tests.current : text.current, problem)
  const [firstProblem] = problems
  useKeys([
    {
      key: "e",
      label: say.keys.problem,
      group: say.keys.group,
      when: firstProblem !== undefined,
      run: () => firstProblem !== undefined && go(firstProblem),
    },
  ])
  const linesOf = (ofTests: boolean) =>
    new Set(problems.filter((problem) => isOfTests(problem) === ofTests).map(({ line }) => line))
  return (
    <Columns
      list={list}
      listLabel={say.listLabel}
      chosen="new"
      actionsLabel={say.actionsLabel}
      actions={
        <div className="stack-wide">
          {checked.error !== null && (
            <p className="fault" role="alert">
              {words.check.failed} {wordsOf(checked.error)}
            </p>
          )}
          {checked.error === null && (
            <CheckList check={checked.data} isChecking={checked.isFetching || typed !== draft} onGo={go} />
          )}
          <div className="stack">
            {isTooLong && <p className="fault">{words.check.tooLong(MOST)}</p>}
            {isChanged ? <p className="quiet">{words.numberHint}</p> : <p className="quiet">{words.unchanged}</p>}
            <Fault error={keep.error} />
            <Button
              disabled={!isChanged || isTooLong || (problems.length > 0 && typed === draft)}
              loading={keep.isPending}
              onClick={() => keep.mutate(draft)}
            >
              {words.keep}
            </Button>
            {isChanged && <Discard onDiscard={startOver} />}
          </div>
        </div>
      }
    >
      <Places here="policies" isNarrow />
      <Page
        title={words.title}
        lead={
          <>
            {words.lead} {words.from} {nameOf(start.policy)}.
          </>
        }
        isColumn
      >
        {firstProblem !== undefined && (
          // The check is below the text here, so its summary is repeated above.
          <p className="policies-above">
            {words.check.problems(problems.length)}{" "}
            <button type="button" onClick={() => go(firstProblem)}>
              {words.check.first(firstProblem.line)}
            </button>
          </p>
        )}
        <CodeEditor
          label={words.policy}
          hint={words.hint}
          value={draft.text}
          onChange={(value) => change({ text: value })}
          marked={linesOf(false)}
          field={text}
          rows={28}
        />
        <CodeEditor
          label={words.tests}
          hint={words.testsHint}
          value={draft.tests}
          onChange={(value) => change({ tests: value })}
          marked={linesOf(true)}
          field={tests}
          rows={14}
        />
      </Page>
    </Columns>
  )
}

const isOfTests = ({ file }: Pick<Problem, "file">): boolean => file === "policy.tests.yaml"

/** Discarding cannot be undone, so it asks for confirmation. */
function Discard({ onDiscard }: { readonly onDiscard: () => void }): ReactNode {
  const [isConfirming, setConfirming] = useState(false)
  return (
    <Button
      variant={isConfirming ? "outline" : "subtle"}
      {...compact({ color: isConfirming ? "brick" : undefined })}
      onClick={() => {
        if (isConfirming) onDiscard()
        setConfirming(!isConfirming)
      }}
      onBlur={() => setConfirming(false)}
    >
      {isConfirming ? words.confirmDiscard : words.discard}
    </Button>
  )
}
