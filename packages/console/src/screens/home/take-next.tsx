import { Button, Kbd } from "@mantine/core"
import type { DueItem } from "@nightlight/contract/server"
import { useNavigate } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { useKeys } from "../../keys/keys.tsx"
import { Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { showCase, takeNext } from "../cases/queries.ts"
import { home as say } from "./words.ts"

/** Whether a worklist entry is a case to work on. */
export const isCase = ({ kind }: DueItem): boolean =>
  kind === "case" || kind === "second-review" || kind === "resolution"

/** A button that claims the next case and opens it. */
export function TakeNext(): ReactNode {
  const navigate = useNavigate()
  const next = useAction(takeNext, ["cases"], (head, _input, client) => {
    if (head === undefined) return void navigate({ to: "/cases" })
    showCase(client, head)
    void navigate({ to: "/cases/$caseId", params: { caseId: head.caseId } })
  })
  useKeys([{ key: "x", label: say.due.take, group: shell.keysGroup.page, run: () => next.mutate(undefined) }])
  return (
    <div className="stack-tight">
      <div className="row">
        <Button
          onClick={() => next.mutate(undefined)}
          loading={next.isPending}
          rightSection={<Kbd aria-hidden="true">x</Kbd>}
        >
          {say.due.take}
        </Button>
      </div>
      <Fault error={next.error} />
    </div>
  )
}
