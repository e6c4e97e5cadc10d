import { screen } from "@testing-library/react"
import { describe, expect, it, vi } from "vitest"
import { CallError } from "../src/api/problem.ts"
import { bothOf, Loaded, mapData, type Reading } from "../src/parts/loaded.tsx"
import { Empty } from "../src/parts/states.tsx"
import { showPart } from "./support/show.tsx"

const FAILURE = new CallError("unavailable", "no usable answer", 503)
const reading = <Data,>(part: Partial<Reading<Data>>): Reading<Data> => ({
  data: undefined,
  error: null,
  refetch: () => undefined,
  ...part,
})

describe("data from the server", () => {
  it("is replaced by a skeleton while it is loading", async () => {
    await showPart(<Loaded query={reading({})}>{() => "rows"}</Loaded>)
    expect(screen.getByRole("status", { name: "Loading" })).toBeTruthy()
    expect(screen.queryByText("rows")).toBeNull()
  })

  it("is replaced by the error if it cannot be loaded, with a button to retry", async () => {
    const refetch = vi.fn<() => void>()
    const { user } = await showPart(<Loaded query={reading({ error: FAILURE, refetch })}>{() => "rows"}</Loaded>)
    expect(screen.getByRole("alert").textContent).toContain("A part of the service does not answer")
    await user.click(screen.getByRole("button", { name: "Try again" }))
    expect(refetch).toHaveBeenCalledTimes(1)
  })

  it("is replaced by a note that the server does not answer if there is no answer", async () => {
    const error = new CallError("offline", "no answer came", 0)
    await showPart(<Loaded query={reading({ error })}>{() => "rows"}</Loaded>)
    expect(screen.getByRole("heading", { name: "The server does not answer." })).toBeTruthy()
  })

  it("is replaced by the given content if the list is empty", async () => {
    await showPart(
      <Loaded query={reading<readonly string[]>({ data: [] })} empty={<Empty title="Nothing is there." />}>
        {() => "rows"}
      </Loaded>,
    )
    expect(screen.getByRole("heading", { name: "Nothing is there." })).toBeTruthy()
    expect(screen.queryByText("rows")).toBeNull()
  })

  it.each([
    ["kept", true, false],
    ["above", true, true],
    ["instead", false, true],
  ] as const)(
    "after a failed reload with failure '%s': data shown %s, error shown %s",
    async (failure, data, failed) => {
      await showPart(
        <Loaded query={reading({ data: ["row"], error: FAILURE })} failure={failure}>
          {([row]) => row}
        </Loaded>,
      )
      expect(screen.queryByText("row") !== null).toBe(data)
      expect(screen.queryByRole("alert") !== null).toBe(failed)
    },
  )

  it("of two queries is shown once both are loaded, with the first error if both fail", () => {
    const one = reading<string>({ data: "one" })
    expect(bothOf(one, reading<string>({})).data).toBeUndefined()
    expect(bothOf(one, reading({ data: "other" })).data).toEqual(["one", "other"])
    const failed = bothOf(reading<string>({ error: FAILURE }), reading<string>({ error: new Error("later") }))
    expect(failed.error).toBe(FAILURE)
  })

  it("keeps its error when mapped", () => {
    expect(mapData(reading<number>({ error: FAILURE }), (count) => count + 1)).toMatchObject({ error: FAILURE })
    expect(mapData(reading({ data: 1 }), (count) => count + 1).data).toBe(2)
  })
})
