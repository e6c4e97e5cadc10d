import { QueryClient, QueryObserver } from "@tanstack/react-query"
import { expect, it } from "vitest"
import { reread } from "../src/app/reread.ts"

const page = (n: number) => ({ pages: Array.from({ length: n }, () => []), pageParams: [] })

it("the queries of a topic are read again; a list scrolled far into is only marked as changed", async () => {
  const client = new QueryClient()
  const read: string[] = []
  const shown = [
    { queryKey: ["cases", "one"], data: { caseId: "case-1" } },
    { queryKey: ["cases", "case-00000000-0000-0000-0000-000000000001"], data: {} },
    { queryKey: ["cases", "list", "short"], data: page(2) },
    { queryKey: ["cases", "list", "long"], data: page(40) },
    { queryKey: ["reports", "list"], data: page(1) },
    { queryKey: ["context", "case-1"], data: {} },
  ]
  const ends = shown.map(({ queryKey, data }) => {
    client.setQueryData(queryKey, data)
    const queryFn = () => {
      read.push(queryKey.join(" "))
      return data
    }
    return new QueryObserver(client, { queryKey, queryFn, staleTime: Number.POSITIVE_INFINITY }).subscribe(
      () => undefined,
    )
  })
  await reread(client, "cases", new Set(["case-00000000-0000-0000-0000-000000000009"]))
  expect(read.toSorted()).toEqual(["cases list short", "cases one"])
  read.length = 0
  await reread(client, "cases")
  expect(read.toSorted()).toEqual(["cases case-00000000-0000-0000-0000-000000000001", "cases list short", "cases one"])
  expect(client.getQueryState(["cases", "list", "long"])?.isInvalidated).toBe(true)
  expect(client.getQueryState(["reports", "list"])?.isInvalidated).toBe(false)
  read.length = 0
  await reread(client, undefined)
  expect(read).not.toContain("context case-1")
  expect(read).toContain("reports list")
  for (const end of ends) end()
  client.clear()
})
