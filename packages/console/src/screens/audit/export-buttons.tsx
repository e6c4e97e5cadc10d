import { Button } from "@mantine/core"
import type { ReactNode } from "react"
import { proveNow } from "../../api/call.ts"
import { useMe } from "../../api/me.ts"
import { Section } from "../../parts/section.tsx"
import { Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { audit as say } from "./words.ts"

const { export: words } = say
/** A step-up must last this much longer, because the export needs it when the download begins. */
const SPARE_MS = 60_000

/** Buttons that export the log as files. The browser downloads them itself, without the page holding their content. */
export function ExportButtons(): ReactNode {
  const { session } = useMe()
  const save = useAction(async (part: "events" | "checkpoints") => {
    const until = session.steppedUpUntil
    if (until === undefined || Date.parse(until) < Date.now() + SPARE_MS) await proveNow()
    const link = Object.assign(document.createElement("a"), { href: `/v1/audit/export?part=${part}`, download: "" })
    link.click()
  }, [])
  return (
    <Section title={words.title} lead={words.lead}>
      <div className="row">
        <Button variant="default" onClick={() => save.mutate("events")}>
          {words.events}
        </Button>
        <Button variant="default" onClick={() => save.mutate("checkpoints")}>
          {words.checkpoints}
        </Button>
      </div>
      <p className="quiet">{words.hint}</p>
      <Fault error={save.error} />
    </Section>
  )
}
