import { Button } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { Tag } from "../../parts/tag.tsx"
import { markTurning } from "../../parts/unseen.ts"
import type { Turn } from "./read-context.ts"
import { cases as say } from "./words.ts"

const { context: words } = say

/** A conversation, turn by turn. Text is hidden until the user asks for it, and nothing in it is a link. */
export function Conversation({ turns }: { readonly turns: readonly Turn[] }): ReactNode {
  return (
    <ol className="cases-turns">
      {turns.map((turn, place) => (
        // Turns have no key other than their order, which never changes.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <li key={place}>
          <TurnView turn={turn} />
        </li>
      ))}
    </ol>
  )
}

function TurnView({ turn: { role, text, flagged } }: { readonly turn: Turn }): ReactNode {
  const [isShown, setShown] = useState(false)
  return (
    <div className="stack-tight">
      <div className="row-between">
        <span className="quiet">
          {words.turn(role, text.length)} {flagged && <Tag tone="amber">{words.flagged}</Tag>}
        </span>
        <Button variant="subtle" size="compact-sm" onClick={() => setShown(!isShown)} aria-expanded={isShown}>
          {isShown ? words.hide : words.show}
        </Button>
      </div>
      {isShown ? (
        <p className="prewrap cases-words">{markTurning(text)}</p>
      ) : (
        <p className="cases-masked">{words.masked}</p>
      )}
    </div>
  )
}
