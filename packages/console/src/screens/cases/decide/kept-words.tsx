import { Button } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { cases as say } from "../words.ts"
import { forgetDraft, ownWords } from "./draft.ts"

const { kept } = say

/**
 * A rationale that the user wrote before their claim on the case ended, to copy or discard; nothing if there is none.
 */
export function KeptWords({ caseId }: { readonly caseId: string }): ReactNode {
  const [words, setWords] = useState(() => ownWords(caseId))
  if (words === undefined) return undefined
  const discard = () => {
    forgetDraft(caseId)
    setWords(undefined)
  }
  return (
    <section className="stack" aria-label={kept.title}>
      <h2>{kept.title}</h2>
      <p className="quiet">{kept.lead}</p>
      <p className="prewrap">{words}</p>
      <Button variant="default" onClick={discard}>
        {kept.letGo}
      </Button>
    </section>
  )
}
