/**
 * Names the window after the page, never after its content, and announces a page change to screen readers.
 * @module
 */
import { VisuallyHidden } from "@mantine/core"
import { useLocation } from "@tanstack/react-router"
import { type ReactNode, useEffect } from "react"
import { shell } from "#messages/shell.ts"
import type { PageManifest } from "./page-manifest.ts"
import { pages } from "./pages.ts"

/** Sets the window title. */
export function PageTitle(): ReactNode {
  const { pathname } = useLocation()
  const name = nameOf(pathname)
  useEffect(() => {
    document.title = name === undefined ? shell.product : `${name} – ${shell.product}`
  }, [name])
  return <VisuallyHidden aria-live="polite">{name}</VisuallyHidden>
}

/** Name of the page at an address; `undefined` if there is none. */
function nameOf(pathname: string): string | undefined {
  const [, place = "", tab = ""] = pathname.split("/")
  const page = pages.find(({ routes: [{ path }] }) => path === `/${place}`) as PageManifest | undefined
  return page?.titles?.[tab] ?? page?.name
}
