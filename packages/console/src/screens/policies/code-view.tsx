import type { ReactNode } from "react"

/** A read-only text with line numbers. */
export function CodeView({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const lines = text.split("\n").length
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: long text scrolls by keyboard
    <section className="policies-code" aria-label={label} tabIndex={0}>
      <pre className="policies-gutter mono" aria-hidden="true">
        {Array.from({ length: lines }, (_, line) => line + 1).join("\n")}
      </pre>
      <pre className="policies-text mono">{text}</pre>
    </section>
  )
}
