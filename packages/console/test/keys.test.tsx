import { compact } from "@nightlight/contract"
import { fireEvent, screen, waitFor, within } from "@testing-library/react"
import { describe, expect, it, vi } from "vitest"
import { type KeyBinding, useKeys } from "../src/keys/keys.tsx"
import { KeysMap } from "../src/shell/keys-map.tsx"
import { RowList } from "../src/shell/row-list.tsx"
import { showPart } from "./support/show.tsx"

function Bound({ keys }: { readonly keys: readonly KeyBinding[] }) {
  useKeys(keys)
  return <input aria-label="typed" />
}
const bind = (key: string, run: () => void, more: Partial<KeyBinding> = {}): KeyBinding => ({
  key,
  label: `Do ${key}`,
  group: "This page",
  run,
  ...more,
})

describe("a key", () => {
  it("runs its action, alone or as the second of two", async () => {
    const [go, one] = [vi.fn<() => void>(), vi.fn<() => void>()]
    const { user } = await showPart(<Bound keys={[bind("g c", go), bind("c", one)]} />)
    await user.keyboard("c")
    await user.keyboard("gc")
    expect([one.mock.calls.length, go.mock.calls.length]).toEqual([1, 1])
  })

  it("is ignored in a text field, and together with a system modifier", async () => {
    const run = vi.fn<() => void>()
    const { user } = await showPart(<Bound keys={[bind("c", run)]} />)
    await user.type(screen.getByRole("textbox", { name: "typed" }), "c")
    screen.getByRole("textbox", { name: "typed" }).blur()
    fireEvent.keyDown(document.body, { key: "c", ctrlKey: true })
    expect(run).not.toHaveBeenCalled()
  })

  it("that stays down acts only once, unless it moves in a list", async () => {
    const [approval, move] = [vi.fn<() => void>(), vi.fn<() => void>()]
    await showPart(<Bound keys={[bind("1", approval), bind("j", move, { repeats: true })]} />)
    for (const key of ["1", "j"]) {
      fireEvent.keyDown(document.body, { key })
      fireEvent.keyDown(document.body, { key, repeat: true })
    }
    expect([approval.mock.calls.length, move.mock.calls.length]).toEqual([1, 2])
  })

  it("that is held is released when it goes up, or when the window loses the focus", async () => {
    const release = vi.fn<() => void>()
    await showPart(<Bound keys={[bind(" ", () => undefined, { release })]} />)
    fireEvent.keyDown(document.body, { key: " " })
    fireEvent.keyUp(document.body, { key: " " })
    fireEvent.keyDown(document.body, { key: " " })
    fireEvent.blur(window)
    expect(release).toHaveBeenCalledTimes(2)
  })

  it("is in the list of keys with its action, unless it is inactive", async () => {
    const { user } = await showPart(
      <>
        <Bound keys={[bind("c", () => undefined), bind("z", () => undefined, { when: false })]} />
        <KeysMap />
      </>,
    )
    await user.keyboard("?")
    const map = await screen.findByRole("dialog", { name: "What the keys do on this page" })
    expect(within(map).getByRole("row", { name: "c Do c" })).toBeTruthy()
    expect(within(map).queryByText("Do z")).toBeNull()
    await user.keyboard("{Escape}")
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull())
  })
})

describe("a list of rows", () => {
  const ITEMS = Array.from({ length: 100_000 }, (_, place) => ({ id: `row-${place}` }))
  const list = (selected: string | undefined, onSelect: (id: string) => void, onEnd?: () => void) => (
    <RowList
      items={onEnd === undefined ? ITEMS : ITEMS.slice(0, 10)}
      idOf={({ id }) => id}
      selected={selected}
      onSelect={onSelect}
      row={({ id }) => id}
      rowHeight={40}
      label="Rows"
      {...compact({ onEnd })}
    />
  )

  it("of any length renders only the rows in sight, and states its length", async () => {
    await showPart(list(undefined, () => undefined))
    const rows = await screen.findAllByRole("option")
    expect(rows.length).toBeLessThan(60)
    expect(rows[0]?.getAttribute("aria-setsize")).toBe("100000")
  })

  it("moves by j and k, by arrows, and to its ends", async () => {
    const chosen: string[] = []
    const { user } = await showPart(list("row-5", (id) => chosen.push(id)))
    await user.keyboard("jk")
    screen.getByRole("listbox", { name: "Rows" }).focus()
    await user.keyboard("{ArrowDown}{ArrowUp}{End}{Home}")
    expect(chosen).toEqual(["row-6", "row-4", "row-6", "row-4", "row-99999", "row-0"])
  })

  it("reads more when the user nears its end", async () => {
    const onEnd = vi.fn<() => void>()
    await showPart(list(undefined, () => undefined, onEnd))
    await waitFor(() => expect(onEnd).toHaveBeenCalled())
  })
})
