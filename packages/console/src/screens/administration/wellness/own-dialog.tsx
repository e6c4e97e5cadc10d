import { Button, Modal } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { call } from "../../../api/call.ts"
import { namesQuery } from "../../../api/me.ts"
import { DataTable } from "../../../parts/data-table.tsx"
import { shortId } from "../../../parts/format.ts"
import { Fault } from "../../../parts/states.tsx"
import { useAct } from "../../../parts/use-act.ts"
import type { Limits } from "../queries.ts"
import { administration as say } from "../words.ts"
import { ChangeWords } from "./change-words.tsx"
import { LimitField } from "./limit-field.tsx"
import { LIMIT_NAMES, toChanges, toTyped, valueWords } from "./limits.ts"

const { wellness } = say
const { people: words } = wellness

/** Sets one person's own limits. */
export function OwnDialog(props: {
  readonly person: string
  readonly limits: Limits
  readonly own: Partial<Limits>
  readonly onClose: () => void
}): ReactNode {
  const { person, limits, own, onClose } = props
  const { data: names } = useQuery(namesQuery)
  const [typed, setTyped] = useState(() => toTyped(own))
  const changes = toChanges(typed, own)
  const set = useAct(
    (body: Partial<Limits>) => call("PUT", `/v1/exposure/people/${person}/limits`, { body }),
    ["exposure"],
    onClose,
  )
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={words.dialog(names?.get(person) ?? shortId(person))}
      closeButtonProps={{ "aria-label": common.close }}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          set.mutate(changes)
        }}
      >
        <p className="quiet">{words.dialogLead}</p>
        <DataTable
          className="administration-limits"
          rows={LIMIT_NAMES}
          keyOf={(name) => name}
          columns={[
            {
              cell: (name) => (
                <>
                  {wellness.names[name]}
                  <div className="quiet" id={`global-${name}`}>
                    {words.global(valueWords(limits[name]))}
                  </div>
                </>
              ),
            },
            {
              className: "administration-limit",
              cell: (name) => (
                <LimitField
                  name={name}
                  label={wellness.names[name]}
                  describedBy={`global-${name}`}
                  value={typed[name]}
                  onChange={(value) => setTyped({ ...typed, [name]: value })}
                />
              ),
            },
          ]}
        />
        <ChangeWords changes={changes} before={{ ...limits, ...own }} />
        <Fault error={set.error} />
        <div className="row">
          <Button type="submit" disabled={Object.keys(changes).length === 0} loading={set.isPending}>
            {words.do}
          </Button>
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
