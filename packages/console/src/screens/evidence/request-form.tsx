import { Textarea, TextInput } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { LeRequestBody, LeRequestView } from "@nightlight/contract/server"
import { type ReactNode, useState } from "react"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { Choice } from "../../parts/choice.tsx"
import { endOfDay, startOfDay, toDay } from "../../parts/dates.ts"
import { OfferForm } from "../../parts/offered-actions.tsx"
import { PageHead } from "../../parts/page.tsx"
import { useAction } from "../../parts/use-action.ts"
import { RequiresPermission } from "../../shell/no-access.tsx"
import { evidence as say } from "./words.ts"

const { form: words, kinds, kindHints } = say.requests
type Body = SchemaOutput<typeof LeRequestBody>
const KINDS: readonly Body["kind"][] = ["preservation-2703f", "legal-process", "destruction", "ncmec"]
const NOBODY = { agency: "", officer: "", reference: "", scope: "" }

interface FormProps {
  readonly onMade: (requestId: string) => void
  readonly onCancel: () => void
}

/** The form that records a request from an authority. */
export function RequestForm(props: FormProps): ReactNode {
  return (
    <RequiresPermission permission="request:manage">
      <Form {...props} />
    </RequiresPermission>
  )
}

function Form({ onMade, onCancel }: FormProps): ReactNode {
  const [kind, setKind] = useState<Body["kind"]>("preservation-2703f")
  const [received, setReceived] = useState(toDay(new Date()))
  const [due, setDue] = useState("")
  const [scope, setScope] = useState(NOBODY)
  const make = useAction(
    (body: Body) => call<SchemaOutput<typeof LeRequestView>>("POST", "/v1/requests", { body }),
    ["requests"],
    ({ requestId }) => onMade(requestId),
  )
  const set = (name: keyof typeof NOBODY) => (value: string) => setScope({ ...scope, [name]: value })
  const isReady = received !== "" && Object.values(scope).every((text) => text.trim() !== "")
  return (
    <OfferForm
      className="stack-wide evidence-certificate"
      action={make}
      label={words.do}
      isReady={isReady}
      onCancel={onCancel}
      onSubmit={() =>
        make.mutate(
          compact({
            kind,
            scope,
            receivedAt: startOfDay(received),
            dueAt: due !== "" ? endOfDay(due) : undefined,
          }),
        )
      }
    >
      <PageHead title={words.title} lead={words.lead} />
      <Choice label={words.kind} values={KINDS} value={kind} onChange={setKind} labels={kinds} hints={kindHints} />
      <div className="row" style={{ alignItems: "flex-start", gap: 16 }}>
        <TextInput
          type="date"
          label={words.received}
          required
          max={toDay(new Date())}
          value={received}
          onChange={({ currentTarget: { value } }) => setReceived(value)}
        />
        <TextInput
          type="date"
          label={words.due}
          value={due}
          onChange={({ currentTarget: { value } }) => setDue(value)}
        />
      </div>
      <div className="stack">
        <p className="quiet">{words.sealed}</p>
        {(["agency", "officer", "reference"] as const).map((name) => (
          <TextInput
            key={name}
            label={words[name]}
            required
            maxLength={500}
            value={scope[name]}
            onChange={({ currentTarget: { value } }) => set(name)(value)}
          />
        ))}
        <Textarea
          label={words.scope}
          required
          rows={6}
          maxLength={10_000}
          value={scope.scope}
          onChange={({ currentTarget: { value } }) => set("scope")(value)}
        />
      </div>
    </OfferForm>
  )
}
