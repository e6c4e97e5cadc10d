import { compact } from "@nightlight/contract"
import type { DueItem } from "@nightlight/contract/server"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { Id } from "../../parts/id.tsx"
import { Name } from "../../parts/name.tsx"
import { SourceName } from "../../parts/source-name.tsx"

/** A link to the page where a worklist entry is handled; plain text if the user may not open that page. */
export function Target({ item, children }: { readonly item: DueItem; readonly children: ReactNode }): ReactNode {
  const can = useCan()
  const place = placeOf(item)
  if (place === undefined || (place.needs !== undefined && !can(place.needs))) return <span>{children}</span>
  return (
    <Link to={place.to} {...compact({ search: place.search })}>
      {children}
    </Link>
  )
}

interface Place {
  readonly to: string
  readonly search?: { readonly case: string }
  readonly needs?: string
}

function placeOf({ kind, id, code, about }: DueItem): Place | undefined {
  switch (kind) {
    case "case":
    case "second-review":
    case "resolution":
      return { to: `/cases/${id}` }
    case "report":
      return code === "to-prepare" ? { to: "/reports", search: { case: id } } : { to: `/reports/${id}` }
    case "approval":
      return { to: "/approvals" }
    case "request":
      return { to: `/evidence/requests/${id}` }
    case "list":
      return { to: `/lists/${id}` }
    case "break-glass":
      return { to: "/administration/sign-on" }
    case "training":
      return { to: "/administration/people", needs: "person:read" }
    case "task":
      return { to: "/administration/installation" }
    case "alarm":
      return placeOfAlarm(code, about)
    default:
      return kind satisfies never
  }
}

const OF_ALARMS: Readonly<Record<string, Place>> = {
  "log-differs": { to: "/audit", needs: "audit:read" },
  "old-key-used": { to: "/administration/keys", needs: "key:manage" },
  "row-untrusted": { to: "/audit", needs: "audit:read" },
  "break-glass-requested": { to: "/administration/sign-on", needs: "operations:read" },
  "break-glass-opened": { to: "/administration/sign-on", needs: "operations:read" },
  "checkpoint-copy-failed": { to: "/administration/installation", needs: "operations:read" },
  "clock-jumped": { to: "/administration/installation", needs: "operations:read" },
  "custodian-doubted": { to: "/administration/installation", needs: "operations:read" },
  "custodian-journal-older": { to: "/administration/installation", needs: "operations:read" },
  "custodian-locked": { to: "/administration/installation", needs: "operations:read" },
  "custodian-unreachable": { to: "/administration/installation", needs: "operations:read" },
  "backup-old": { to: "/administration/installation", needs: "operations:read" },
  "custody-shared": { to: "/administration/installation", needs: "operations:read" },
  "decoder-not-isolated": { to: "/administration/installation", needs: "operations:read" },
  "joining-code-guessed": { to: "/administration/people", needs: "person:read" },
  "link-key-refused": { to: "/administration/people", needs: "person:read" },
  "list-index-refused": { to: "/lists", needs: "list:read" },
  "automatic-entry-stopped": { to: "/reports", needs: "report:read" },
  "automatic-filing-ended": { to: "/reports", needs: "report:read" },
  "finding-refused": { to: "/scans/intake", needs: "source:read" },
  "findings-refused": { to: "/scans/intake", needs: "source:read" },
  "nothing-matched": { to: "/scans/intake", needs: "source:read" },
  "match-denied": { to: "/scans/intake", needs: "source:read" },
  "evidence-conflict": { to: "/scans/intake", needs: "source:read" },
}

function placeOfAlarm(code: string, about = ""): Place | undefined {
  if (about.startsWith("case-")) return { to: `/cases/${about}`, needs: "case:read" }
  if (about.startsWith("report-")) return { to: `/reports/${about}`, needs: "report:read" }
  return OF_ALARMS[code]
}

/** The subject of an entry: the name of a person or source, otherwise a shortened id. */
export function About({ item: { kind, id, about } }: { readonly item: DueItem }): ReactNode {
  const named = about ?? (OWN_IDS.has(kind) ? undefined : id)
  if (named === undefined) return null
  if (named.startsWith("person-")) return <AfterDot what={<Name id={named} />} />
  if (named.startsWith("source-")) return <AfterDot what={<SourceName id={named} />} />
  if (kind === "list") return <AfterDot what={named} />
  return /-[0-9a-f]{8}/.test(named) && <AfterDot what={<Id id={named} />} />
}

/** Kinds whose id is the entry's own, not its subject's. */
const OWN_IDS: ReadonlySet<DueItem["kind"]> = new Set(["approval", "request", "break-glass", "alarm", "task"])

const AfterDot = ({ what }: { readonly what: ReactNode }): ReactNode => <> · {what}</>
