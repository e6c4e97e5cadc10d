import type { ReactNode } from "react"
import { Failed, Loading } from "./states.tsx"

/** The state of a query, as far as {@link Loaded} needs it. */
export interface Reading<Data> {
  /** `undefined` until it was read once. */
  readonly data: Data | undefined
  readonly error: unknown
  readonly refetch: () => unknown
}

/** The same state for data derived from a query's. */
export function mapData<Data, Made>(query: Reading<Data>, make: (data: Data) => Made): Reading<Made> {
  const { data, error, refetch } = query
  return { data: data === undefined ? undefined : make(data), error, refetch }
}

/** Two queries as one: loaded once both are. If both failed, the error is the first one's. */
export function bothOf<One, Other>(one: Reading<One>, other: Reading<Other>): Reading<readonly [One, Other]> {
  const failed = [one, other].find(({ data, error }) => error !== null && data === undefined)
  return {
    data: one.data === undefined || other.data === undefined ? undefined : [one.data, other.data],
    error: failed?.error ?? null,
    refetch: () => failed?.refetch(),
  }
}

interface LoadedProps<Data> {
  readonly query: Reading<Data>
  /** Number of skeleton lines, 6 by default, and their height in px. */
  readonly rows?: number
  readonly rowHeight?: number
  /** Shown in place of an empty list. */
  readonly empty?: ReactNode
  /**
   * The view if reading again failed. `kept`: the earlier data; `above`: the error above the earlier data;
   * `instead`: the error alone.
   */
  readonly failure?: "kept" | "above" | "instead"
  readonly children: (data: Data) => ReactNode
}

/** Shows a skeleton until the query is loaded, then its data; if it failed, the error with a button to retry. */
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
