import { Button, Menu } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { useCan, useMe } from "../api/me.ts"
import { readyQuery } from "../api/ready.ts"
import { useAway } from "./away.ts"
import { Budget } from "./budget.tsx"
import { HelpLines } from "./help-lines.tsx"
import { startTour } from "./tour.tsx"
import { useSignOut } from "./use-sign-out.ts"
import { THEMES, useOwnTheme, useTheme } from "./use-theme.ts"
import "./head.css"

/** The header of every page: the product, the viewing budget, the custodian's state, help and the person's menu. */
export function Head(): ReactNode {
  const { data: ready } = useQuery(readyQuery)
  const can = useCan()
  return (
    <header className="head">
      <Link to="/" className="head-name">
        {shell.product}
      </Link>
      <div className="head-right">
        {can("viewing:derivative") && <Budget />}
        {ready !== undefined && ready.custodian !== "ready" && (
          <span className="amber" role="status">
            {shell.custodian[ready.custodian]}
          </span>
        )}
        <HelpLines />
        <PersonMenu />
      </div>
    </header>
  )
}

function PersonMenu(): ReactNode {
  const me = useMe()
  const [theme, choose] = useTheme()
  useOwnTheme()
  const { endShift } = useAway()
  const signOut = useSignOut()
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button variant="subtle" aria-label={`${shell.person}: ${me.name}`}>
          {me.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.email}</Menu.Label>
        <Menu.Item component={Link} to="/settings">
          {shell.settings}
        </Menu.Item>
        <Menu.Item onClick={startTour}>{shell.tour}</Menu.Item>
        <Menu.Divider />
        <Menu.Label>{shell.theme}</Menu.Label>
        {THEMES.map((each) => (
          <Menu.Item key={each} onClick={() => choose(each)} aria-current={each === theme}>
            {shell.themeName[each]}
            {each === theme ? " ✓" : ""}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={endShift}>{shell.shiftEnd}</Menu.Item>
        <Menu.Item onClick={() => void signOut()}>{shell.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
