/**
 * Scans and guards: what was screened, by what, and what is still in place.
 * @module
 */
import { Link, useParams } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { scans as say } from "#messages/scans.ts"
import { useCan } from "../../api/me.ts"
import { Needs } from "../../shell/no-access.tsx"
import { Guards } from "./guards.tsx"
import { Intake } from "./intake.tsx"
import { Scans } from "./scans.tsx"
import "./scans.css"

/** The page. */
export function ScansScreen(): ReactNode {
  return (
    <Needs permission="scan:read">
      <Tabbed />
    </Needs>
  )
}

function Tabbed(): ReactNode {
  const { tab = "scans", id } = useParams({ strict: false })
  const can = useCan()
  return (
    <div className="scans">
      <nav className="scans-tabs" aria-label={say.tabsLabel}>
        <Link to="/scans" aria-current={tab === "scans" ? "page" : undefined} activeProps={{}}>
          {say.tabs.scans}
        </Link>
        <Link to="/scans/$tab" params={{ tab: "guards" }} activeProps={{}}>
          {say.tabs.guards}
        </Link>
        {can("source:read") && (
          <Link to="/scans/$tab" params={{ tab: "intake" }} activeProps={{}}>
            {say.tabs.intake}
          </Link>
        )}
      </nav>
      <div className="scans-body">
        {tab === "guards" ? <Guards chosen={id} /> : tab === "intake" ? <Intake /> : <Scans chosen={id} />}
      </div>
    </div>
  )
}
