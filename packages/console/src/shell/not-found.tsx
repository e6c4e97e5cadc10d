import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { Empty } from "../parts/states.tsx"

/** Shown at an address without a page. */
export function NotFound(): ReactNode {
  return (
    <main>
      <Empty title={shell.notFound}>
        <Link to="/">{shell.goHome}</Link>
      </Empty>
    </main>
  )
}
