import { useVirtualizer } from "@tanstack/react-virtual"
import { type ReactNode, useCallback, useEffect, useRef } from "react"
import { shell } from "#messages/shell.ts"
import { useKeys } from "../keys/keys.tsx"
import "./row-list.css"

/** The rows of a list, the selected one, and how to show each. */
export interface RowListProps<Item> {
  readonly items: readonly Item[]
  readonly idOf: (item: Item) => string
  readonly selected: string | undefined
  readonly onSelect: (id: string) => void
  readonly row: (item: Item) => ReactNode
  /** Height of every row, px. */
  readonly rowHeight: number
  readonly label: string
  /** Called when the user nears the end of `items`, to read more. */
  readonly onEnd?: () => void
  /** Length of the whole list, if known. */
  readonly total?: number
}

/**
 * A selectable list that renders only the rows in sight, so that 100,000 rows scroll like ten. `j` and `k` move in it.
 */
export function RowList<Item>({
  items,
  idOf,
  selected,
  onSelect,
  row,
  rowHeight,
  label,
  onEnd,
  total,
}: RowListProps<Item>): ReactNode {
  const frame = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const index = items.findIndex((item) => idOf(item) === selected)
  const move = useCallback(
    (by: number) => {
      const next = items[Math.min(Math.max(index + by, 0), items.length - 1)]
      if (next === undefined) return
      onSelect(idOf(next))
    },
    [items, index, onSelect, idOf],
  )
  useEffect(() => {
    if (index >= 0) rows.scrollToIndex(index, { align: "auto" })
  }, [index, rows])
  const visible = rows.getVirtualItems()
  const last = visible.at(-1)?.index ?? 0
  useEffect(() => {
    if (items.length > 0 && last >= items.length - 20) onEnd?.()
  }, [last, items.length, onEnd])
  useKeys([
    { key: "j", label: shell.keysNext, group: shell.keysGroup.list, run: () => move(1), repeats: true },
    { key: "k", label: shell.keysBefore, group: shell.keysGroup.list, run: () => move(-1), repeats: true },
  ])
  return (
    <div
      className="rows"
      ref={frame}
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={index >= 0 ? `row-${selected}` : undefined}
      onKeyDown={(event) => {
        const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -items.length, End: items.length }[
          event.key
        ]
        if (by === undefined) return
        event.preventDefault()
        move(by)
      }}
    >
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {visible.map((place) => {
          const item = items[place.index]
          if (item === undefined) return null
          const id = idOf(item)
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list handles keys
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names the active row
            <div
              key={id}
              id={`row-${id}`}
              role="option"
              aria-selected={id === selected}
              aria-setsize={total ?? items.length}
              aria-posinset={place.index + 1}
              className="row-item"
              style={{ height: rowHeight, transform: `translateY(${place.start}px)` }}
              onClick={() => onSelect(id)}
            >
              {row(item)}
            </div>
          )
        })}
      </div>
    </div>
  )
}
