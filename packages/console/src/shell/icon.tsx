import type { ReactNode } from "react"

/** A 20 px line icon of the rail, hidden from screen readers because its name is beside it. `path`: SVG path data. */
export function Icon({ path }: { readonly path: string }): ReactNode {
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  )
}
