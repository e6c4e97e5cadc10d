/**
 * Names the window after its page, never after what is on it, and says so to readers when the page changes.
 * @module
 */
import { VisuallyHidden } from "@mantine/core"
import { useLocation } from "@tanstack/react-router"
import { type ReactNode, useEffect } from "react"
import { shell } from "#messages/shell.ts"
import type { PageManifest } from "./page-manifest.ts"
import { pages } from "./pages.ts"

/** Sets the title of the window. */
export function PageTitle(): ReactNode {
  const { pathname } = useLocation()
  const name = nameOf(pathname)
  useEffect(() => {
    document.title = name === undefined ? shell.product : `${name} – ${shell.product}`
  }, [name])
  return <VisuallyHidden aria-live="polite">{name}</VisuallyHidden>
}

/** The page that an address leads to; `undefined` where it leads to none. */
function nameOf(pathname: string): string | undefined {
  const [, place = "", tab = ""] = pathname.split("/")
  const page = pages.find(({ routes: [{ path }] }) => path === `/${place}`) as PageManifest | undefined
  return page?.titles?.[tab] ?? page?.name
}
