/**
 * A plain field for a text of many lines, with their numbers; lines with problems are marked in words for readers and by
 * a sign for eyes.
 * @module
 */
import { compact } from "@nightlight/contract"
import { type ReactNode, type RefObject, useId, useRef } from "react"

/** A place in a text, from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** What the field takes. */
export interface CodeEditorProps {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** Lines with problems. */
  readonly marked: ReadonlySet<number>
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly rows: number
}

const LINE_PX = 20
/** A line nearer than this to the window's edge is not in sight. */
const EDGE_PX = 120

/** The field. */
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

/** Puts the cursor where a problem is, and the line in sight. */
export function goTo(field: HTMLTextAreaElement | null, { line, column }: Place): void {
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
