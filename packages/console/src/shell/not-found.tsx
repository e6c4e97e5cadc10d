import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { Empty } from "../parts/states.tsx"

/** An address that no page has. */
export function NotFound(): ReactNode {
  return (
    <main>
      <Empty title={shell.notFound}>
        <Link to="/">{shell.goHome}</Link>
      </Empty>
    </main>
  )
}
