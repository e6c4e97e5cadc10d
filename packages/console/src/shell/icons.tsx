/**
 * The rail's drawings: 20 px, one line.
 * @module
 */
import type { ReactNode } from "react"

const PATHS = {
  home: "M3 10.5 10 4l7 6.5M5 9v7h10V9",
  cases: "M3 6h14v10H3zM7 6V4h6v2M3 10h14",
  reports: "M5 3h7l3 3v11H5zM8 9h5M8 12h5",
  evidence: "M4 9h12v8H4zM7 9V6a3 3 0 0 1 6 0v3",
  scans: "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4zM13 13l4 4",
  lists: "M4 6h2M4 10h2M4 14h2M9 6h7M9 10h7M9 14h7",
  insights: "M4 16V9M9 16V4M14 16v-5M3 16h14",
  audit: "M4 4h12v12H4zM7 10l2 2 4-5",
  administration:
    "M10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM10 3v2M10 15v2M3 10h2M15 10h2M5 5l1.5 1.5M13.5 13.5 15 15M15 5l-1.5 1.5M6.5 13.5 5 15",
} as const

/** Name of a drawing. */
export type IconName = keyof typeof PATHS

/** One drawing; its name stands beside it, so readers skip it. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
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
      <path d={PATHS[name]} />
    </svg>
  )
}
