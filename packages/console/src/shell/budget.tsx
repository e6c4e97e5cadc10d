import { Button, Popover } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import type { ExposureView } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { exposure } from "#messages/exposure.ts"
import { exposureQuery } from "../api/exposure.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { useNow } from "../parts/use-now.ts"
import { useAway } from "./away.ts"
import "./away.css"

type Exposure = SchemaOutput<typeof ExposureView>
type LimitName = keyof Exposure["limits"]

const say = exposure.budget
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" })
const SOON_MINUTES = 5

/**
 * The rest of the viewing budget, as one line in the header; a click lists today's viewings and the limits and
 * offers a break. Limits are shown as limits, never as goals.
 */
export function Budget(): ReactNode {
  const { data } = useQuery(exposureQuery)
  const now = useNow()
  const { takeBreak } = useAway()
  const [isOpen, { toggle, close }] = useDisclosure(false)
  if (data === undefined) return null
  const { text, isNear } = lineOf(data, now)
  return (
    <Popover width={360} position="bottom-end" trapFocus returnFocus opened={isOpen} onClose={close}>
      <Popover.Target>
        <Button variant="subtle" onClick={toggle} aria-label={`${say.button}: ${text}`}>
          <span className={isNear ? "amber" : undefined}>{text}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="stack">
          <h3>{say.title}</h3>
          <p className="quiet">{say.lead}</p>
          <p>{say.todayText(data.viewings, minutesInWords(data.minutes))}</p>
          <ul className="budget-limits">
            {NAMES.map((name) => (
              <li key={name}>{say.limits[name](data.limits[name])}</li>
            ))}
          </ul>
          <div className="row">
            <Button
              variant="default"
              onClick={() => {
                close()
                takeBreak()
              }}
            >
              {say.takeNow}
            </Button>
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

const NAMES: readonly LimitName[] = [
  "itemsPerDay",
  "originalsPerDay",
  "minutesPerDay",
  "breakAfterMinutes",
  "breakMinutes",
]

function lineOf(view: Exposure, nowMs: number): { readonly text: string; readonly isNear: boolean } {
  const { blocked, viewings, limits, breakDueAt, onBreakUntil } = view
  if (onBreakUntil !== undefined) return { text: say.onBreak, isNear: false }
  if (blocked?.by === "break") return { text: say.breakDue(TIME.format(new Date(blocked.until))), isNear: true }
  if (blocked !== undefined) return { text: say.blocked[blocked.by] ?? "", isNear: true }
  const left = say.left(Math.max(0, limits.itemsPerDay - viewings))
  if (breakDueAt === undefined) return { text: left, isNear: false }
  const minutes = Math.max(0, Math.ceil((Date.parse(breakDueAt) - nowMs) / 60_000))
  return { text: `${left}, ${say.breakSoon(minutes)}`, isNear: minutes <= SOON_MINUTES }
}

function minutesInWords(minutes: number): string {
  return minutes < 1 ? exposure.underMinute : exposure.minutes(Math.round(minutes))
}
