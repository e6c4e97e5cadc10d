/**
 * The map of keys: exactly those that work on the page now.
 * @module
 */
import { lazy, type ReactNode, Suspense, useState } from "react"
import { shell } from "#messages/shell.ts"
import { useBoundKeys, useKeys } from "../keys/keys.tsx"

const KeysDialog = lazy(async () => ({ default: (await import("./keys-dialog.tsx")).KeysDialog }))

/** Opens on `?`. */
export function KeysMap(): ReactNode {
  const [isOpen, setOpen] = useState<boolean>()
  const keys = useBoundKeys()
  useKeys([{ key: "?", label: shell.keysHelp, group: shell.keysGroup.always, run: () => setOpen(true) }])
  // Stays once it was opened: closing it gives the focus back.
  if (isOpen === undefined) return null
  return (
    <Suspense>
      <KeysDialog isOpen={isOpen} keys={keys} onClose={() => setOpen(false)} />
    </Suspense>
  )
}
