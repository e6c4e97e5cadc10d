/**
 * What was read from the server, or the state that it is in: failed, being read, empty.
 * @module
 */
import type { ReactNode } from "react"
import { Failed, Loading } from "./states.tsx"

/** The members of a query that say how far it is. */
export interface Reading<Data> {
  /** `undefined` until it was read once. */
  readonly data: Data | undefined
  readonly error: unknown
  readonly refetch: () => unknown
}

/** The same reading, of something made from its data. */
export function mapData<Data, Made>(query: Reading<Data>, make: (data: Data) => Made): Reading<Made> {
  const { data, error, refetch } = query
  return { data: data === undefined ? undefined : make(data), error, refetch }
}

/** Two readings as one: there once both are; what the first one failed by is said first. */
export function bothOf<One, Other>(one: Reading<One>, other: Reading<Other>): Reading<readonly [One, Other]> {
  const failed = [one, other].find(({ data, error }) => error !== null && data === undefined)
  return {
    data: one.data === undefined || other.data === undefined ? undefined : [one.data, other.data],
    error: failed?.error ?? null,
    refetch: () => failed?.refetch(),
  }
}

/** Whose states are shown, and how. */
export interface LoadedProps<Data> {
  readonly query: Reading<Data>
  /** Lines of the skeleton, 6 unless told; their height is in px. */
  readonly rows?: number
  readonly rowHeight?: number
  /** Stands in the place of an empty list. */
  readonly empty?: ReactNode
  /**
   * What a failure does to data that was read before: `kept` shows the data alone, `above` says the failure above it,
   * `instead` shows the failure alone.
   */
  readonly failure?: "kept" | "above" | "instead"
  readonly children: (data: Data) => ReactNode
}

/** Shows the data once it is there. */
export function Loaded<Data>(props: LoadedProps<Data>): ReactNode {
  const { query, rows, rowHeight, empty, failure = "kept", children } = props
  const { data, error } = query
  const failed = error !== null && <Failed error={error} onRetry={() => void query.refetch()} />
  if (failed !== false && (data === undefined || failure === "instead")) return failed
  if (data === undefined) return <Loading rows={rows} rowHeight={rowHeight} />
  return (
    <>
      {failure === "above" && failed}
      {empty !== undefined && Array.isArray(data) && data.length === 0 ? empty : children(data)}
    </>
  )
}
