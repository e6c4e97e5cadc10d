import { TextInput } from "@mantine/core"
import type { InviteBody, LinkAnswer } from "@nightlight/contract/server"
import { type ReactNode, useState } from "react"
import { call } from "../../../api/call.ts"
import type { SchemaOutput } from "../../../api/schema-output.ts"
import { dateTime } from "../../../parts/format.ts"
import { OfferForm } from "../../../parts/offered-actions.tsx"
import { Page } from "../../../parts/page.tsx"
import { useAction } from "../../../parts/use-action.ts"
import { OneTimeSecret } from "../parts/one-time-secret.tsx"
import { administration as say } from "../words.ts"

const { invite: words } = say.people

/** The form that invites a person, without any role, then the link, which is shown once. */
export function Invite({ onCancel }: { readonly onCancel: () => void }): ReactNode {
  const [name, setName] = useState("")
  const [email, setEmail] = useState("")
  const invite = useAction(
    (body: SchemaOutput<typeof InviteBody>) => call<LinkAnswer>("POST", "/v1/people", { body }),
    ["people"],
  )
  return (
    <Page title={words.open} lead={words.lead} isColumn className="administration-narrow">
      {invite.data !== undefined ? (
        <OneTimeSecret
          title={words.made(invite.variables?.name ?? name)}
          label={words.link}
          secret={invite.data.url}
          hint={words.until(dateTime(invite.data.expiresAt))}
          onPutAway={onCancel}
        />
      ) : (
        <OfferForm
          action={invite}
          label={words.do}
          isReady={name.trim() !== "" && email.trim() !== ""}
          onCancel={onCancel}
          onSubmit={() => invite.mutate({ name: name.trim(), email: email.trim() })}
        >
          <TextInput
            label={words.name}
            required
            autoFocus
            maxLength={120}
            autoComplete="off"
            value={name}
            onChange={({ currentTarget: { value } }) => setName(value)}
          />
          <TextInput
            label={words.email}
            description={words.emailHint}
            type="email"
            required
            maxLength={254}
            autoComplete="off"
            value={email}
            onChange={({ currentTarget: { value } }) => setEmail(value)}
          />
        </OfferForm>
      )}
    </Page>
  )
}
