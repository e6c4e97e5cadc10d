import { Link, useParams } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { RequiresPermission } from "../../shell/no-access.tsx"
import { Guards } from "./guards.tsx"
import { Intake } from "./intake.tsx"
import { Scans } from "./scans.tsx"
import { scans as say } from "./words.ts"
import "./scans.css"

/** The scans page: tabs of scans, of guards, and of received findings. */
export function ScansScreen(): ReactNode {
  const { tab = "scans", id } = useParams({ strict: false })
  const can = useCan()
  return (
    <div className="scans">
      <nav className="scans-tabs" aria-label={say.tabsLabel}>
        <Tab name="scans" chosen={tab} />
        <Tab name="guards" chosen={tab} />
        {can("source:read") && <Tab name="intake" chosen={tab} />}
      </nav>
      <div className="scans-body">
        {tab === "guards" ? (
          <Guards chosen={id} />
        ) : tab === "intake" ? (
          <RequiresPermission permission="source:read">
            <Intake />
          </RequiresPermission>
        ) : (
          <Scans chosen={id} />
        )}
      </div>
    </div>
  )
}

function Tab({ name, chosen }: { readonly name: keyof typeof say.tabs; readonly chosen: string }): ReactNode {
  return (
    <Link
      to="/scans/$tab"
      params={{ tab: name }}
      activeOptions={{ exact: true }}
      aria-current={name === chosen ? "page" : undefined}
    >
      {say.tabs[name]}
    </Link>
  )
}
