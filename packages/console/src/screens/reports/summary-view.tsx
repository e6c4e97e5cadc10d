import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { Id } from "../../parts/id.tsx"
import { Loaded } from "../../parts/loaded.tsx"
import { Collapsible } from "./collapsible.tsx"
import { anchorOf, entriesOf, FILES_OPEN, isMixed, labelOf, type Member, recordOf, typeOf } from "./form.ts"
import { type Detail, type Form, formQuery, type Summary } from "./queries.ts"
import { Signatures } from "./signatures.tsx"
import { Problems, RecordView, ShownReportContext, useOrigin, useShownReport } from "./value-view.tsx"
import { reports as say } from "./words.ts"

/** This member is shown last, the others in the schema's order. */
const AT_END = "reporter"

/** The summary of a report: recipient, reporter, content, attached files and signatures. */
export function SummaryView({ detail, head }: { readonly detail: Detail; readonly head: Summary }): ReactNode {
  const query = useQuery(formQuery)
  return (
    <Loaded query={query} rows={8} rowHeight={32} failure="instead">
      {(form) => {
        const { origins, problems } = detail
        return (
          <ShownReportContext value={{ form, origins, problems }}>
            <div className="stack-wide summary">
              <section aria-labelledby="summary-to">
                <h2 id="summary-to">{say.summary.to}</h2>
                <Facts>
                  <Fact name={say.summary.addressee}>
                    {say.summary.ncmec}, <strong>{say.summary.host[head.environment]}</strong>
                  </Fact>
                </Facts>
              </section>
              <Problems path="document" />
              <Sections form={form} document={detail.document} of={({ name }) => name !== AT_END} />
              <Attached form={form} files={detail.files} />
              <Sections form={form} document={detail.document} of={({ name }) => name === AT_END} />
              <Signatures report={head} />
            </div>
          </ShownReportContext>
        )
      }}
    </Loaded>
  )
}

/** The document's top-level members, each as a section. */
function Sections(props: {
  readonly form: Form
  readonly document: Detail["document"]
  readonly of: (member: Member) => boolean
}): ReactNode {
  const { form, document } = props
  const { problems } = useShownReport()
  const isShown = ({ name }: Member) =>
    document[name] !== undefined || problems.some(({ path }) => path === `document.${name}`)
  return recordOf(form, form.report)
    .members.filter((member) => isShown(member) && props.of(member))
    .map((member) => <Section key={member.name} form={form} member={member} value={document[member.name]} />)
}

/** One top-level member as a section, or several if it is repeated. */
function Section({ form, member, value }: { readonly form: Form; readonly member: Member; readonly value: unknown }) {
  const path = `document.${member.name}`
  const { origins } = useShownReport()
  const mixed = isMixed(origins, path)
  const origin = useOrigin(path, mixed)
  const type = typeOf(form, member.type)
  const title = labelOf(member.name)
  if (type.kind !== "record") {
    return (
      <section aria-labelledby={anchorOf(`title.${path}`)} id={anchorOf(path)}>
        <h2 id={anchorOf(`title.${path}`)}>{title}</h2>
        {origin !== undefined && <p className="quiet">{origin}</p>}
        <Problems path={path} />
        <p className="prewrap summary-text">{typeof value === "string" ? value : JSON.stringify(value)}</p>
      </section>
    )
  }
  const entries = member.repeated ? entriesOf(value) : [value]
  return (
    <section aria-labelledby={anchorOf(`title.${path}`)}>
      <h2 id={anchorOf(`title.${path}`)}>{title}</h2>
      {origin !== undefined && <p className="quiet">{origin}</p>}
      <Problems path={path} />
      {entries.map((entry, place) => {
        const at = member.repeated ? `${path}[${place}]` : path
        return (
          <div key={at} id={anchorOf(at)}>
            {entries.length > 1 && <h3>{say.numbered(title, place + 1, entries.length)}</h3>}
            <RecordView type={type} value={entry} path={at} isOriginShown={!mixed} />
          </div>
        )
      })}
    </section>
  )
}

function Attached({ form, files }: { readonly form: Form; readonly files: Detail["files"] }): ReactNode {
  const { problems } = useShownReport()
  const type = recordOf(form, form.fileDetails)
  return (
    <section aria-labelledby="summary-attached" className="stack">
      <h2 id="summary-attached">{say.summary.attached(files.length)}</h2>
      {files.length === 0 && <p className="quiet">{say.summary.noFiles}</p>}
      {files.map(({ evidenceId, details }, place) => {
        const path = `files[${place}]`
        const isFaulty = problems.some((problem) => problem.path.startsWith(path))
        return (
          <Collapsible
            key={evidenceId}
            id={anchorOf(path)}
            isOpen={files.length <= FILES_OPEN || isFaulty}
            summary={
              <>
                {say.numbered(say.summary.file, place + 1, files.length)} <Id id={evidenceId} />
              </>
            }
          >
            {() => (
              <>
                <RecordView type={type} value={details} path={path} isOriginShown={false} />
                {details["publiclyAvailable"] === undefined && (
                  <p className="quiet">
                    {labelOf("publiclyAvailable")}: {common.unknown}. {say.summary.publicUnknown}
                  </p>
                )}
              </>
            )}
          </Collapsible>
        )
      })}
    </section>
  )
}
