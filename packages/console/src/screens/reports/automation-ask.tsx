import { Button, Checkbox, NativeSelect, NumberInput } from "@mantine/core"
import type { AutomationTemplate, ListsView, PeopleList } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { call } from "../../api/call.ts"
import { useCan, useMe } from "../../api/me.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { usePersonKey } from "../../custody/use-person-key.ts"
import { TemplateWords } from "../../parts/authorisation-words.tsx"
import { Failed, Fault, Loading } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { proveAs } from "./automation-sign.ts"
import type { AuthorisationView } from "./queries.ts"
import { reports as say } from "./words.ts"

const MAX_DAYS = 90
const MAX_A_DAY = 10_000

/**
 * The form with which counsel requests a filing authorisation. Counsel signs at once; the reporter signs when
 * approving.
 */
export function RequestAutomation({ onClose }: { readonly onClose: () => void }): ReactNode {
  const can = useCan()
  const { id: me } = useMe()
  const key = usePersonKey()
  const lists = useQuery({
    queryKey: ["lists", "names"],
    queryFn: ({ signal }) => call<SchemaOutput<typeof ListsView>>("GET", "/v1/lists", { signal }),
    enabled: can("list:read"),
  })
  const people = useQuery({
    queryKey: ["people", "all"],
    queryFn: ({ signal }) => call<SchemaOutput<typeof PeopleList>>("GET", "/v1/people", { signal }),
    enabled: can("person:read"),
  })
  const words = useQuery({
    queryKey: ["reports", "automation", "template"],
    queryFn: ({ signal }) =>
      call<SchemaOutput<typeof AutomationTemplate>>("GET", "/v1/automation/template", { signal }),
  })
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [dailyCap, setDailyCap] = useState<number | string>(20)
  const [days, setDays] = useState<number | string>(30)
  const [reporter, setReporter] = useState("")
  const ask = useAction(
    async () => {
      const body = { lists: chosen, dailyCap, days, reporter }
      const made = await call<AuthorisationView>("POST", "/v1/automation", { body })
      if (key === undefined || key === null) return made
      // Signs only what this page showed.
      const { documentDigest } = await import("@nightlight/contract/custodian")
      const [signed, shown] = [made.authorisation.template, words.data?.template ?? null]
      if ((await documentDigest(signed)) !== (await documentDigest(shown))) return made
      return proveAs(made, me, key)
    },
    ["reports", "approvals"],
    onClose,
  )
  const error = lists.error ?? people.error ?? words.error
  if (error !== null) return <Failed error={error} />
  if (lists.data === undefined || people.data === undefined || words.data === undefined) return <Loading rows={4} />
  const trusted = lists.data.lists.filter(({ trust }) => trust === "trusted")
  const reporters = people.data.people.filter(
    ({ id, roles, deactivatedAt, custodyKeyAt }) =>
      id !== me &&
      deactivatedAt === undefined &&
      // The custodian accepts only people with an enrolled key.
      custodyKeyAt !== undefined &&
      roles.some(({ role }) => role === "reporter"),
  )
  const isWhole = chosen.length > 0 && reporter !== "" && typeof dailyCap === "number" && typeof days === "number"
  return (
    <form
      className="stack automation-ask"
      onSubmit={(event) => {
        event.preventDefault()
        ask.mutate(undefined)
      }}
    >
      <h3>{say.automation.askTitle}</h3>
      <p className="quiet">{say.automation.askLead}</p>
      {key === null && (
        <p className="notice-line">
          {common.key.missing} <Link to="/settings">{common.key.missingHint}</Link>
        </p>
      )}
      <Checkbox.Group
        label={say.automation.lists}
        description={say.automation.listsHint}
        value={[...chosen]}
        onChange={setChosen}
      >
        <div className="editor-marks">
          {trusted.map(({ name }) => (
            <Checkbox key={name} value={name} label={name} />
          ))}
          {trusted.length === 0 && <p className="quiet">{say.automation.noLists}</p>}
        </div>
      </Checkbox.Group>
      <NumberInput
        label={say.automation.cap}
        min={1}
        max={MAX_A_DAY}
        required
        value={dailyCap}
        onChange={setDailyCap}
      />
      <NumberInput label={say.automation.days} min={1} max={MAX_DAYS} required value={days} onChange={setDays} />
      <NativeSelect
        label={say.automation.reporter}
        description={say.automation.reporterHint}
        required
        value={reporter}
        onChange={(event) => setReporter(event.currentTarget.value)}
        data={[
          { value: "", label: say.automation.chooseReporter },
          ...reporters.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <TemplateWords template={words.data.template} />
      <div className="row">
        <Button type="submit" disabled={!isWhole || key === undefined || key === null} loading={ask.isPending}>
          {say.automation.askDo}
        </Button>
        <Button variant="default" onClick={onClose}>
          {common.cancel}
        </Button>
      </div>
      <Fault error={ask.error} />
    </form>
  )
}
