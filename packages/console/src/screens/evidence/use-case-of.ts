import { useQuery } from "@tanstack/react-query"
import { type Piece, pieceQuery } from "./queries.ts"

/** Whether an id names a case rather than evidence. */
export const isCase = (id: string): boolean => id.startsWith("case-")

/** The case of an id from the address, which names a case or evidence. `caseId` is `undefined` until it is known. */
export function useCaseOf(id: string): {
  readonly caseId: string | undefined
  readonly piece: Piece | undefined
  readonly error: unknown
  readonly refetch: () => unknown
} {
  const { data: piece, error, refetch } = useQuery({ ...pieceQuery(id), enabled: !isCase(id) })
  return { caseId: isCase(id) ? id : piece?.caseId, piece, error, refetch }
}
