import { Button, NativeSelect, TextInput } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { Id } from "../../parts/id.tsx"
import { Empty } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { useNow } from "../../parts/use-now.ts"
import { usePages } from "../../parts/use-pages.ts"
import { LoadedRows } from "../../shell/loaded-rows.tsx"
import { type Piece, piecesQuery } from "./queries.ts"
import { stateWords } from "./state-words.ts"
import { Tabs } from "./tabs.tsx"
import { evidence as say } from "./words.ts"

const STATES = ["locked", "kept", "clearing", "destroying", "destroyed"] as const
const ROW_HEIGHT = 60

/** The left column of the preserved tab: the list of preserved evidence, filtered by state. */
export function PreservedList(props: {
  readonly chosen: string | undefined
  readonly onChoose: (id: string) => void
  readonly onTab: (tab: string) => void
}): ReactNode {
  const [state, setState] = useState<Piece["state"]>()
  const pages = usePages(piecesQuery(state), ({ evidence }) => evidence)
  return (
    <>
      <div className="evidence-head">
        <Tabs value="preserved" onTab={props.onTab} />
        <NativeSelect
          label={say.filter.label}
          value={state ?? "all"}
          onChange={({ currentTarget: { value } }) => setState(STATES.find((each) => each === value))}
          data={(["all", ...STATES] as const).map((value) => ({ value, label: say.filter[value] }))}
        />
      </div>
      <LoadedRows
        query={pages}
        empty={<Empty title={say.emptyTitle} hint={say.emptyHint} />}
        idOf={({ evidenceId }) => evidenceId}
        selected={props.chosen}
        onSelect={props.onChoose}
        row={(piece) => <Row piece={piece} />}
        rowHeight={ROW_HEIGHT}
        label={say.listLabel}
      />
      <CaseByIdForm onFound={props.onChoose} />
    </>
  )
}

function Row({ piece }: { readonly piece: Piece }): ReactNode {
  const now = useNow()
  return (
    <>
      <div className="row-line">
        <span className="evidence-strong">{stateWords(piece, now)}</span>
        {piece.held && <Tag>{say.row.held}</Tag>}
      </div>
      <div className="row-line quiet">
        <Id id={piece.evidenceId} />
        <Id id={piece.caseId} />
      </div>
    </>
  )
}

/** Opens a case's evidence by the case id, because evidence of undecided cases is not in the list. */
function CaseByIdForm({ onFound }: { readonly onFound: (id: string) => void }): ReactNode {
  const [typed, setTyped] = useState("")
  const id = typed.trim()
  const isWrong = id !== "" && !/^case-[0-9a-f-]{36}$/.test(id)
  return (
    <form
      className="evidence-item"
      onSubmit={(event) => {
        event.preventDefault()
        if (id !== "" && !isWrong) onFound(id)
      }}
    >
      <TextInput
        label={say.item.label}
        description={say.item.hint}
        placeholder={say.item.placeholder}
        value={typed}
        onChange={({ currentTarget: { value } }) => setTyped(value)}
        error={isWrong && id.length >= 41 ? say.item.wrong : undefined}
      />
      <Button type="submit" variant="default" disabled={id === "" || isWrong}>
        {say.item.open}
      </Button>
    </form>
  )
}
