import type { ReactNode } from "react"
import { ConfirmDialog } from "../../../parts/confirm-dialog.tsx"
import { useAction } from "../../../parts/use-action.ts"

/** Asks for confirmation before a source or its key is revoked for good. */
export function RevokeDialog(props: {
  readonly name: string
  readonly words: { readonly title: (name: string) => string; readonly what: string; readonly sure: string }
  readonly revoke: () => Promise<unknown>
  readonly onClose: () => void
}): ReactNode {
  const { name, words, revoke, onClose } = props
  const action = useAction(revoke, ["sources"], onClose)
  return (
    <ConfirmDialog
      title={words.title(name)}
      what={words.what}
      label={words.sure}
      isFinal
      action={action}
      onDo={() => action.mutate(undefined)}
      onClose={onClose}
    />
  )
}
