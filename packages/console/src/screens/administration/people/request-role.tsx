import type { RoleBody } from "@nightlight/contract/server"
import { type ReactNode, useState } from "react"
import { call } from "../../../api/call.ts"
import type { SchemaOutput } from "../../../api/schema-output.ts"
import { useApprovalRequest } from "../../../custody/use-approval-request.ts"
import { Choice } from "../../../parts/choice.tsx"
import { OfferForm } from "../../../parts/offered-actions.tsx"
import type { Person } from "../queries.ts"
import { administration as say } from "../words.ts"

const { ask: words, roleNames, roleMeans } = say.people

/** Requests a role for a person; another administrator approves it. */
export function RequestRole({
  person,
  onClose,
}: {
  readonly person: Person
  readonly onClose: (announcement?: string) => void
}): ReactNode {
  const held = new Set<string>(person.roles.map(({ role }) => role))
  const free = Object.keys(roleNames).filter((role) => !held.has(role))
  const [role, setRole] = useState("")
  const ask = useApprovalRequest(
    (wanted: string) =>
      call("POST", `/v1/people/${person.id}/roles`, { body: { role: wanted } as SchemaOutput<typeof RoleBody> }),
    (wanted) => ({ kind: "role.grant", subject: person.id, payload: { role: wanted } }),
    ["approvals", "people"],
    () => onClose(words.requested),
  )
  return (
    <OfferForm action={ask} label={words.do} isReady={role !== ""} onCancel={onClose} onSubmit={() => ask.mutate(role)}>
      <p className="quiet">{free.length === 0 ? words.allHeld : words.lead}</p>
      <Choice
        label={words.role}
        required
        values={free}
        value={role}
        onChange={setRole}
        labels={roleNames}
        hints={roleMeans}
      />
    </OfferForm>
  )
}
