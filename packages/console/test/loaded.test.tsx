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

describe("what is read from the server", () => {
  it("shows lines in its place while it is being read", async () => {
    await showPart(<Loaded query={reading({})}>{() => "rows"}</Loaded>)
    expect(screen.getByRole("status", { name: "Loading" })).toBeTruthy()
    expect(screen.queryByText("rows")).toBeNull()
  })

  it("says why it cannot be read, and reads it again when asked", async () => {
    const refetch = vi.fn<() => void>()
    const { user } = await showPart(<Loaded query={reading({ error: FAILURE, refetch })}>{() => "rows"}</Loaded>)
    expect(screen.getByRole("alert").textContent).toContain("A part of the service does not answer")
    await user.click(screen.getByRole("button", { name: "Try again" }))
    expect(refetch).toHaveBeenCalledTimes(1)
  })

  it("says that the server does not answer where no answer came", async () => {
    const error = new CallError("offline", "no answer came", 0)
    await showPart(<Loaded query={reading({ error })}>{() => "rows"}</Loaded>)
    expect(screen.getByRole("heading", { name: "The server does not answer." })).toBeTruthy()
  })

  it("shows what stands for an empty list instead of the list", async () => {
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
  ] as const)("with a failure after a success, %s, shows data %s and the failure %s", async (failure, data, failed) => {
    await showPart(
      <Loaded query={reading({ data: ["row"], error: FAILURE })} failure={failure}>
        {([row]) => row}
      </Loaded>,
    )
    expect(screen.queryByText("row") !== null).toBe(data)
    expect(screen.queryByRole("alert") !== null).toBe(failed)
  })

  it("is made of two readings only when both are there, and says what the first one failed by", () => {
    const one = reading<string>({ data: "one" })
    expect(bothOf(one, reading<string>({})).data).toBeUndefined()
    expect(bothOf(one, reading({ data: "other" })).data).toEqual(["one", "other"])
    const failed = bothOf(reading<string>({ error: FAILURE }), reading<string>({ error: new Error("later") }))
    expect(failed.error).toBe(FAILURE)
  })

  it("keeps its failure when something is made from its data", () => {
    expect(mapData(reading<number>({ error: FAILURE }), (count) => count + 1)).toMatchObject({ error: FAILURE })
    expect(mapData(reading({ data: 1 }), (count) => count + 1).data).toBe(2)
  })
})
