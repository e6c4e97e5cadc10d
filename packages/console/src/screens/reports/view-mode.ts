import { compact } from "@nightlight/contract"
import { useState } from "react"

/** How a report is shown: as a summary, as fields, as it is sent, or as a sheet to type from. */
export type Mode = "summary" | "edit" | "preview" | "manual-sheet"

/** The way one report is shown now. */
export interface ViewMode {
  readonly mode: Mode
  /** Path of the statement that the fields open at. */
  readonly at: string | undefined
  readonly show: (mode: Mode, at?: string) => void
}

/** Another report begins as a summary. */
export function useViewMode(reportId: string | undefined): ViewMode {
  const [view, setView] = useState<{ readonly of: string | undefined; readonly mode: Mode; readonly at?: string }>()
  const isThis = view?.of === reportId
  return {
    mode: isThis ? (view?.mode ?? "summary") : "summary",
    at: isThis ? view?.at : undefined,
    show: (mode, at) => setView({ of: reportId, mode, ...compact({ at }) }),
  }
}
