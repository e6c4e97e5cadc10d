/**
 * What somebody wrote of a case before their hold on it ended: theirs to use elsewhere, or to let go.
 * @module
 */
import { Button } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { cases as say } from "../words.ts"
import { forgetDraft, ownWords } from "./draft.ts"

const { kept } = say

/** What was written of a case by whoever does not hold it now; nothing where there is nothing. */
export function KeptWords({ caseId }: { readonly caseId: string }): ReactNode {
  const [words, setWords] = useState(() => ownWords(caseId))
  if (words === undefined) return undefined
  const letGo = () => {
    forgetDraft(caseId)
    setWords(undefined)
  }
  return (
    <section className="stack" aria-label={kept.title}>
      <h2>{kept.title}</h2>
      <p className="quiet">{kept.lead}</p>
      <p className="prewrap">{words}</p>
      <Button variant="default" onClick={letGo}>
        {kept.letGo}
      </Button>
    </section>
  )
}
