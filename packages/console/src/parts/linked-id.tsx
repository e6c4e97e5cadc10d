import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCan } from "../api/me.ts"
import { Id } from "./id.tsx"

/** A case's shortened id, and a link to the case for people who may read cases. */
export function CaseId({ caseId }: { readonly caseId: string }): ReactNode {
  const id = <Id id={caseId} />
  if (!useCan()("case:read")) return id
  return (
    <Link to="/cases/$caseId" params={{ caseId }}>
      {id}
    </Link>
  )
}

/** A report's shortened id, and a link to the report for people who may read reports. */
export function ReportId({ reportId }: { readonly reportId: string }): ReactNode {
  const id = <Id id={reportId} />
  if (!useCan()("report:read")) return id
  return (
    <Link to="/reports/$reportId" params={{ reportId }}>
      {id}
    </Link>
  )
}
