import { compact } from "@nightlight/contract"
import { useState } from "react"

/** Views of a report: the summary, the form, the documents as sent, or the sheet for manual filing. */
export type Mode = "summary" | "edit" | "preview" | "manual-sheet"

/** The current view of a report. */
export interface ViewMode {
  readonly mode: Mode
  /** Path of the statement whose field takes the focus first. */
  readonly at: string | undefined
  readonly show: (mode: Mode, at?: string) => void
}

/** The view of the selected report; a newly selected one begins with the summary. */
export function useViewMode(reportId: string | undefined): ViewMode {
  const [view, setView] = useState<{ readonly of: string | undefined; readonly mode: Mode; readonly at?: string }>()
  const isThis = view?.of === reportId
  return {
    mode: isThis ? (view?.mode ?? "summary") : "summary",
    at: isThis ? view?.at : undefined,
    show: (mode, at) => setView({ of: reportId, mode, ...compact({ at }) }),
  }
}
