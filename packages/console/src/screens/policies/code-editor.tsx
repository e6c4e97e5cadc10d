import { compact } from "@nightlight/contract"
import { type ReactNode, type RefObject, useId, useRef } from "react"

/** A position in a text; line and column count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

interface CodeEditorProps {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** Numbers of the lines with problems. */
  readonly marked: ReadonlySet<number>
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly rows: number
}

const LINE_PX = 20
/** A line closer to the window's edge than this is scrolled into view. */
const EDGE_PX = 120

/** A plain text area with line numbers. Lines with problems have a mark beside their number. */
export function CodeEditor(props: CodeEditorProps): ReactNode {
  const { label, hint, value, onChange, marked, field, rows } = props
  const gutter = useRef<HTMLPreElement>(null)
  const id = useId()
  const lines = value.split("\n").length
  return (
    <div className="stack-tight">
      <label htmlFor={id}>{label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="quiet">
          {hint}
        </p>
      )}
      <div className="policies-editor">
        <pre className="policies-gutter mono" aria-hidden="true" ref={gutter} style={{ height: rows * LINE_PX + 16 }}>
          {Array.from({ length: lines }, (_, place) => {
            const line = place + 1
            return marked.has(line) ? (
              <b key={line} className="policies-marked">{`▸ ${line}\n`}</b>
            ) : (
              <span key={line}>{`${line}\n`}</span>
            )
          })}
        </pre>
        <textarea
          id={id}
          ref={field}
          className="policies-field mono"
          value={value}
          rows={rows}
          style={{ height: rows * LINE_PX + 16 }}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          aria-invalid={marked.size > 0}
          {...compact({ "aria-describedby": hint === undefined ? undefined : `${id}-hint` })}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
          onScroll={({ currentTarget }) => {
            if (gutter.current !== null) gutter.current.scrollTop = currentTarget.scrollTop
          }}
        />
      </div>
    </div>
  )
}

/** Moves the cursor to a position, and scrolls its line into view. */
export function moveCursorTo(field: HTMLTextAreaElement | null, { line, column }: Place): void {
  if (field === null) return
  const lines = field.value.split("\n")
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0)
  const length = lines[line - 1]?.length ?? 0
  const offset = start + Math.min(column - 1, length)
  field.focus({ preventScroll: true })
  field.setSelectionRange(offset, start + length)
  field.scrollTop = Math.max(0, (line - 4) * LINE_PX)
  field.scrollLeft = 0
  const middle = field.getBoundingClientRect().top + (line - 0.5) * LINE_PX - field.scrollTop
  if (middle < EDGE_PX || middle > window.innerHeight - EDGE_PX)
    field.closest(".column-main")?.scrollBy(0, middle - window.innerHeight / 2)
}
