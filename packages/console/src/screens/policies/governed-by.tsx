import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { Fact, Facts } from "../../parts/facts.tsx"
import type { Policies, Version } from "./queries.ts"
import { policies as say } from "./words.ts"

const { governs: words } = say

/**
 * Scope of a version: this server's own screening, and never the scans of a workspace, which use a file of their
 * own.
 */
export function GovernedBy({ version, list }: { readonly version: Version; readonly list: Policies }): ReactNode {
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      <p>{version.state === "active" ? words.here : words.hereNot}</p>
      <p>{words.notHere}</p>
      <Facts>
        <Fact name={words.file}>
          <File version={version} file={list.file} />
        </Fact>
      </Facts>
    </section>
  )
}

function File({ version, file }: { readonly version: Version; readonly file: Policies["file"] }): ReactNode {
  const isThis = file.digest === version.digest
  if (file.state === "differs" && isThis) return words.thisOne
  if (file.state === "same") return words.same
  if (file.state === "missing") return words.missing
  if (file.state === "unusable") return <span className="amber">{words.unusable}</span>
  return (
    <>
      <span className="amber">{words.differs}</span>{" "}
      {file.known && file.digest !== undefined ? (
        <Link to="/policies/$digest" params={{ digest: file.digest }}>
          {words.open}
        </Link>
      ) : (
        words.unknown
      )}
      <span className="quiet fact-origin">{words.toScans}</span>
    </>
  )
}
