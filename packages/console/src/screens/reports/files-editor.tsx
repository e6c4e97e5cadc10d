import { Button } from "@mantine/core"
import type { ReactNode } from "react"
import { Id } from "../../parts/id.tsx"
import { Collapsible } from "./collapsible.tsx"
import { anchorOf, FILES_OPEN, type FormRecord, membersOf, recordOf } from "./form.ts"
import type { Detail, Form } from "./queries.ts"
import { RecordEditor } from "./record-editor.tsx"
import { RecordView, useShownReport } from "./value-view.tsx"
import { reports as say } from "./words.ts"

/** Members that come from the record of viewings and digests, and cannot be edited. */
const FROM_RECORD: readonly string[] = ["fileViewedByEsp", "exifViewedByEsp", "originalFileHash"]

type Files = Detail["files"]

/** The report's files: what is stated about each, and whether it is sent. */
export function FilesEditor({
  form,
  files,
  all,
  onChange,
}: {
  readonly form: Form
  readonly files: Files
  /** All files of the version being edited; one that was excluded can be added again. */
  readonly all: Files
  readonly onChange: (files: Files) => void
}): ReactNode {
  const { problems } = useShownReport()
  const type = recordOf(form, form.fileDetails)
  const fixed: FormRecord = {
    ...type,
    members: type.members.filter(({ name }) => FROM_RECORD.includes(name)),
    attributes: [],
  }
  const leftOut = all.filter(({ evidenceId }) => !files.some((file) => file.evidenceId === evidenceId))
  return (
    <section className="stack" aria-labelledby="editor-files">
      <h2 id="editor-files">{say.summary.attached(files.length)}</h2>
      {files.map((file, place) => {
        // Problems and origins refer to a file by its position when the version was read.
        const was = all.findIndex(({ evidenceId }) => evidenceId === file.evidenceId)
        const at = `files[${was < 0 ? place : was}]`
        const isFaulty = problems.some(({ path }) => path.startsWith(at))
        return (
          <Collapsible
            key={file.evidenceId}
            id={anchorOf(at)}
            isOpen={files.length <= FILES_OPEN || isFaulty || place === 0}
            summary={
              <strong>
                {say.numbered(say.summary.file, place + 1, files.length)} <Id id={file.evidenceId} />
              </strong>
            }
          >
            {() => (
              <div className="editor-group">
                <div>
                  <Button
                    variant="subtle"
                    size="compact-sm"
                    onClick={() => onChange(files.filter((_, other) => other !== place))}
                  >
                    {say.editor.leaveOut}
                  </Button>
                </div>
                <p className="quiet">{say.editor.fromRecord}</p>
                <RecordView type={fixed} value={membersOf(file.details)} path={at} isOriginShown={false} />
                <RecordEditor
                  type={type}
                  value={file.details}
                  path={at}
                  fixed={FROM_RECORD}
                  onChange={(details) =>
                    onChange(
                      files.map((one, other) =>
                        other === place ? { ...one, details: details as Files[number]["details"] } : one,
                      ),
                    )
                  }
                />
              </div>
            )}
          </Collapsible>
        )
      })}
      {leftOut.map((file) => (
        <p key={file.evidenceId} className="row">
          <span className="quiet">
            {say.editor.isLeftOut} <Id id={file.evidenceId} />
          </span>
          <Button variant="default" size="compact-sm" onClick={() => onChange([...files, file])}>
            {say.editor.putBack}
          </Button>
        </p>
      ))}
    </section>
  )
}
