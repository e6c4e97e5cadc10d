import { Button, Modal } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useBlocker } from "@tanstack/react-router"
import { type ReactNode, useEffect, useState } from "react"
import { common } from "#messages/common.ts"
import { call } from "../../api/call.ts"
import { CallError } from "../../api/problem.ts"
import { useKeys } from "../../keys/keys.tsx"
import { Loaded } from "../../parts/loaded.tsx"
import { Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { focusSoon } from "./add-member.tsx"
import { Conflict } from "./conflict.tsx"
import { FilesEditor } from "./files-editor.tsx"
import { type Content, recordOf, withoutEmptyMembers } from "./form.ts"
import { type Detail, type Form, formQuery, type Summary } from "./queries.ts"
import { RecordEditor } from "./record-editor.tsx"
import { ShownReportContext } from "./value-view.tsx"
import { reports as say } from "./words.ts"

interface EditorProps {
  /** The latest version that was read, which may be newer than the one being edited. */
  readonly detail: Detail
  readonly head: Summary
  /** Path of the statement whose field takes the focus first. */
  readonly at: string | undefined
  readonly onClose: () => void
}

/**
 * A report as a form. A failed save loses nothing; if somebody else saved first, the user chooses between the versions.
 */
export function Editor(props: EditorProps): ReactNode {
  const query = useQuery(formQuery)
  return (
    <Loaded query={query} rows={8} failure="instead">
      {(form) => <Fields form={form} {...props} />}
    </Loaded>
  )
}

const EDITABLE: readonly Summary["state"][] = ["draft", "proposed"]

function Fields({ form, detail, head, at, onClose }: EditorProps & { readonly form: Form }): ReactNode {
  const [base, setBase] = useState(detail)
  const [typed, setTyped] = useState<Content>({ document: detail.document, files: detail.files })
  const toSave = savedOf(form, typed)
  const isDirty = JSON.stringify(toSave) !== JSON.stringify(savedOf(form, base))
  const isBehind = detail.report.version !== base.report.version || head.version !== detail.report.version
  const save = useAction(
    (version: number) =>
      call<Summary>("PUT", `/v1/reports/${head.id}`, {
        body: { version, document: toSave.document, files: toSave.files },
      }),
    ["reports"],
    () => {
      setSaved(true)
      onClose()
    },
  )
  const [isSaved, setSaved] = useState(false)
  const blocker = useBlocker({
    shouldBlockFn: () => isDirty && !isSaved,
    enableBeforeUnload: () => isDirty && !isSaved,
    withResolver: true,
  })
  useEffect(() => focusSoon(at ?? "document.incidentSummary"), [at])
  const [isLeaving, setLeaving] = useState(false)
  const leave = () => (isDirty ? setLeaving(true) : onClose())
  useKeys([{ key: "Escape", label: say.key.closeEditor, group: say.key.group, run: leave }])
  const wasFaster = save.error instanceof CallError && save.error.code === "state_conflict"
  const isOver = !EDITABLE.includes(head.state)
  const saveNow = () => save.mutate(base.report.version)
  return (
    <ShownReportContext value={{ form, origins: base.origins, problems: base.problems }}>
      <form
        className="stack-wide editor"
        onSubmit={(event) => {
          event.preventDefault()
          saveNow()
        }}
      >
        <p className="quiet">{say.editor.lead}</p>
        {(isBehind || wasFaster) && !isOver && (
          <Conflict
            base={base}
            theirs={detail}
            isRead={detail.report.version === head.version}
            onTakeTheirs={() => {
              setBase(detail)
              setTyped({ document: detail.document, files: detail.files })
              save.reset()
            }}
            onKeepMine={() => {
              setBase(detail)
              save.mutate(detail.report.version)
            }}
          />
        )}
        {isOver && <p className="fault">{say.editor.over(say.state[head.state])}</p>}
        <RecordEditor
          type={recordOf(form, form.report)}
          value={typed.document}
          path="document"
          onChange={(document) => setTyped({ ...typed, document: document as Content["document"] })}
        />
        <FilesEditor
          form={form}
          files={typed.files}
          all={base.files}
          onChange={(files) => setTyped({ ...typed, files })}
        />
        <div className="editor-save">
          {!wasFaster && <Fault error={save.error} />}
          <div className="row">
            <Button type="submit" loading={save.isPending} disabled={!isDirty || isOver}>
              {common.save}
            </Button>
            <Button variant="default" onClick={leave}>
              {common.cancel}
            </Button>
            <span className="quiet">{isDirty ? say.editor.dirty : say.editor.clean}</span>
          </div>
          {head.state === "proposed" && <p className="quiet">{say.editor.voids}</p>}
        </div>
      </form>
      <Modal
        opened={isLeaving || blocker.status === "blocked"}
        onClose={() => {
          setLeaving(false)
          blocker.reset?.()
        }}
        title={say.editor.leaveTitle}
        closeButtonProps={{ "aria-label": common.close }}
      >
        <div className="stack">
          <p>{say.editor.leaveText}</p>
          <div className="row">
            <Button
              variant="default"
              data-autofocus
              onClick={() => {
                setLeaving(false)
                blocker.reset?.()
              }}
            >
              {say.editor.stay}
            </Button>
            <Button
              color="brick"
              onClick={() => {
                if (blocker.status === "blocked") blocker.proceed()
                else onClose()
              }}
            >
              {say.editor.leave}
            </Button>
          </div>
        </div>
      </Modal>
    </ShownReportContext>
  )
}

function savedOf(form: Form, { document, files }: Content): Content {
  return {
    document: withoutEmptyMembers(form, form.report, document) as Content["document"],
    files: files.map((file) => ({
      ...file,
      details: withoutEmptyMembers(form, form.fileDetails, file.details) as Content["files"][number]["details"],
    })),
  }
}
