import { compact } from "@nightlight/contract"
import { Link, useNavigate, useParams } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { RequiresPermission } from "../../shell/no-access.tsx"
import { Installation } from "./installation/tab.tsx"
import { ServiceKeys } from "./keys/tab.tsx"
import { People } from "./people/tab.tsx"
import { SignOn } from "./sign-on/tab.tsx"
import { Sources } from "./sources/tab.tsx"
import { Wellness } from "./wellness/tab.tsx"
import { administration as say } from "./words.ts"
import "./administration.css"

const TABS = [
  { tab: "people", needs: ["person:read"], page: People },
  { tab: "keys", needs: ["key:manage"], page: ServiceKeys },
  { tab: "sources", needs: ["source:read"], page: Sources },
  { tab: "wellness", needs: ["exposure:read", "exposure:manage"], page: Wellness },
  { tab: "sign-on", needs: ["operations:read"], page: SignOn },
  { tab: "installation", needs: ["operations:read"], page: Installation },
] as const

/** The administration page: a tab for each part that the person may open. */
export function AdministrationScreen(): ReactNode {
  const params = useParams({ strict: false })
  const navigate = useNavigate()
  const can = useCan()
  const tabs = TABS.filter(({ needs }) => needs.some(can))
  const shown = TABS.find(({ tab }) => tab === params.tab) ?? tabs[0]
  useKeys(
    tabs.map(({ tab }, place) => ({
      key: String(place + 1),
      label: say.tabs[tab],
      group: say.keysGroup,
      run: () => void navigate({ to: "/administration/$tab", params: { tab } }),
    })),
  )
  if (shown === undefined) return null
  const { page: Page } = shown
  return (
    <div className="administration">
      <nav className="administration-tabs" aria-label={say.tabsLabel}>
        {tabs.map(({ tab }) => (
          <Link
            key={tab}
            to="/administration/$tab"
            params={{ tab }}
            className="administration-tab"
            {...compact({ "aria-current": tab === shown.tab ? ("page" as const) : undefined })}
          >
            {say.tabs[tab]}
          </Link>
        ))}
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a tab without buttons scrolls by keyboard too */}
      <div className="administration-body" tabIndex={0}>
        <RequiresPermission permission={shown.needs}>
          <Page />
        </RequiresPermission>
      </div>
    </div>
  )
}
