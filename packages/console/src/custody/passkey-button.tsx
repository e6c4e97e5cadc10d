import { Button } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { Fault } from "../parts/states.tsx"

/** A button that asks the authenticator for a passkey, with the error below it if that fails. */
export function PasskeyButton({
  label,
  ask,
}: {
  readonly label: string
  readonly ask: () => Promise<void>
}): ReactNode {
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const press = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await ask()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="stack">
      <Button variant="default" loading={isBusy} onClick={() => void press()}>
        {label}
      </Button>
      <Fault error={error} />
    </div>
  )
}
