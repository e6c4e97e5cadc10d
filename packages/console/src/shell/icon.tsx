import type { ReactNode } from "react"

/** A drawing of the rail: 20 px, one line. Its name stands beside it, so readers skip it. `path`: path data. */
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
