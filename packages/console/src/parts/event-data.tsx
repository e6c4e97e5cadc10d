import type { ReactNode } from "react"
import { eventData } from "#messages/event-data.ts"
import { dateTime, listed } from "./format.ts"
import { Id } from "./id.tsx"
import { Name } from "./name.tsx"
import { SourceName } from "./source-name.tsx"

/** The data of a log event apart from its subject, as names and values in one line. */
export function EventData({ data }: { readonly data: Readonly<Record<string, unknown>> }): ReactNode {
  const members = Object.entries(data).filter(([name, value]) => name !== "subject" && hasContent(value))
  return members.map(([name, value], place) => (
    <span key={name}>
      {place > 0 && " · "}
      {eventData.name(name)} <EventValue value={value} />
    </span>
  ))
}

/** One value: a person's name, a shortened id, a time in the user's time zone, or the value itself. */
export function EventValue({ value }: { readonly value: unknown }): ReactNode {
  if (typeof value === "boolean") return value ? eventData.yes : eventData.no
  if (typeof value === "number") return String(value)
  if (Array.isArray(value))
    return listed(value.map((each) => (typeof each === "object" ? JSON.stringify(each) : String(each))))
  if (typeof value !== "string") return <span className="mono">{JSON.stringify(value)}</span>
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return dateTime(value)
  if (/^(person|system)-/.test(value)) return <Name id={value} />
  if (value.startsWith("source-")) return <SourceName id={value} />
  if (/^[a-z]+-[0-9a-f]{8}-[0-9a-f-]{27}$|^[0-9a-f]{40,}$/.test(value)) return <Id id={value} />
  return value
}

function hasContent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
}
