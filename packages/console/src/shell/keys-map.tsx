import { lazy, type ReactNode, Suspense, useState } from "react"
import { shell } from "#messages/shell.ts"
import { useBoundKeys, useKeys } from "../keys/keys.tsx"

const KeysDialog = lazy(async () => ({ default: (await import("./keys-dialog.tsx")).KeysDialog }))

/** The list of keys that work on the page now; opens on `?`. */
export function KeysMap(): ReactNode {
  const [isOpen, setOpen] = useState<boolean>()
  const keys = useBoundKeys()
  useKeys([{ key: "?", label: shell.keysHelp, group: shell.keysGroup.always, run: () => setOpen(true) }])
  // Stays mounted after it was opened: closing it returns the focus.
  if (isOpen === undefined) return null
  return (
    <Suspense>
      <KeysDialog isOpen={isOpen} keys={keys} onClose={() => setOpen(false)} />
    </Suspense>
  )
}
