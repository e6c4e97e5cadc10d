import type { Logger } from "pino"
import type { TransactDeps } from "../../platform/events/transact.ts"
import { createAlarms } from "./service.ts"

/**
 * Raises the alarm that somebody may hold a copy of a person's passkey.
 *
 * @returns Never rejects: the sign-in stays refused whether or not the alarm could be written.
 */
export function tellOfCopiedPasskey({
  log,
  ...deps
}: TransactDeps & { readonly log: Logger }): (person: string) => Promise<void> {
  const alarms = createAlarms(deps)
  return async (person) => {
    await alarms.raiseNow({ code: "passkey-counter", subject: person }).catch((error: unknown) => {
      log.error({ err: error }, "the alarm about a copied passkey could not be raised")
    })
  }
}
