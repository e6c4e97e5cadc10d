import type { ReactNode } from "react"
import { Copy } from "../../parts/copy.tsx"
import { CodeView } from "./code-view.tsx"
import type { WholeVersion } from "./queries.ts"
import { policies as say } from "./words.ts"

const { text: words } = say

/** The version's text and its tests, each folded until opened. */
export function VersionText({ whole: { text, testsText } }: { readonly whole: WholeVersion }): ReactNode {
  return (
    <section className="stack-tight">
      <div className="row-between">
        <h2>{words.title}</h2>
        <Copy value={text} label={words.copy} />
      </div>
      <details className="policies-details">
        <summary>{words.show}</summary>
        <CodeView text={text} label={words.policy} />
      </details>
      {testsText !== undefined && (
        <details className="policies-details">
          <summary>{words.showTests}</summary>
          <CodeView text={testsText} label={words.tests} />
        </details>
      )}
    </section>
  )
}
