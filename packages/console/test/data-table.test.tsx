import { screen, within } from "@testing-library/react"
import { describe, expect, it } from "vitest"
import { DataTable, HeadedTable } from "../src/parts/data-table.tsx"
import { Page } from "../src/parts/page.tsx"
import { showPart } from "./support/show.tsx"

interface Shape {
  readonly name: string
  readonly corners: number
}
const SHAPES: readonly Shape[] = [
  { name: "circle", corners: 0 },
  { name: "square", corners: 4 },
]

describe("a table", () => {
  it("has a heading for each column and a cell for each row", async () => {
    await showPart(
      <DataTable
        rows={SHAPES}
        keyOf={({ name }) => name}
        columns={[
          { name: "Shape", isRowHead: true, cell: ({ name }) => name },
          { name: "Corners", isNumber: true, cell: ({ corners }) => corners },
        ]}
      />,
    )
    expect(screen.getAllByRole("columnheader").map((head) => head.textContent)).toEqual(["Shape", "Corners"])
    const square = screen.getByRole("row", { name: "square 4" })
    expect(within(square).getByRole("rowheader").textContent).toBe("square")
    expect(within(square).getByRole("cell").className).toBe("number")
  })

  it("has no heading row if no column has a name", async () => {
    await showPart(
      <DataTable rows={SHAPES} keyOf={({ name }) => name} columns={[{ cell: ({ name }) => name }]} label="Shapes" />,
    )
    expect(screen.queryAllByRole("columnheader")).toEqual([])
    expect(within(screen.getByRole("table", { name: "Shapes" })).getAllByRole("row")).toHaveLength(2)
  })

  it("marks the selected row, and the rows of a class", async () => {
    await showPart(
      <DataTable
        rows={SHAPES}
        keyOf={({ name }) => name}
        rowClass={({ corners }) => (corners === 0 ? "round" : undefined)}
        isChosen={({ name }) => name === "square"}
        columns={[{ name: "Shape", cell: ({ name }) => name }]}
      />,
    )
    expect(screen.getByRole("row", { name: "circle" }).className).toBe("round")
    expect(screen.getByRole("row", { name: "square" }).dataset["chosen"]).toBe("true")
  })

  it("has headings above rows that render themselves, with an empty one above their buttons", async () => {
    await showPart(
      <HeadedTable heads={[{ name: "Shape" }, {}]} caption="All shapes">
        <tr>
          <td>circle</td>
          <td>
            <button type="button">Turn</button>
          </td>
        </tr>
      </HeadedTable>,
    )
    expect(screen.getAllByRole("columnheader")).toHaveLength(1)
    expect(screen.getByRole("table", { name: "All shapes" })).toBeTruthy()
  })
})

describe("a page", () => {
  it("has a heading with its title, lead, tags and actions", async () => {
    await showPart(
      <Page title="Shapes" lead="All of them." tags={<em>new</em>} actions={<button type="button">Add</button>}>
        <p>below</p>
      </Page>,
    )
    const head = screen.getByRole("heading", { name: "Shapes", level: 1 }).closest("header")
    expect(head?.textContent).toBe("ShapesnewAll of them.Add")
    expect(screen.getByText("below")).toBeTruthy()
  })

  it("has a focusable title only if it is given a reference", async () => {
    await showPart(<Page title="Shapes" />)
    expect(screen.getByRole("heading", { level: 1 }).hasAttribute("tabindex")).toBe(false)
  })

  it("is an article if it is the middle column of a page", async () => {
    await showPart(<Page title="Shapes" isColumn />)
    expect(screen.getByRole("article")).toBeTruthy()
  })
})
