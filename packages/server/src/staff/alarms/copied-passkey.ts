import type { Logger } from "pino"
import type { TransactDeps } from "../../platform/events/transact.ts"
import { createAlarms } from "./service.ts"

/**
 * Raises the alarm that somebody may hold a copy of a person's passkey.
 *
 * @returns Never rejects: what was refused stays refused, whether the alarm could be written or not.
 */
export function tellOfCopiedPasskey({
  log,
  ...deps
}: TransactDeps & { readonly log: Logger }): (person: string) => Promise<void> {
  const alarms = createAlarms(deps)
  return async (person) => {
    await alarms.raiseNow({ code: "passkey-counter", subject: person }).catch((error: unknown) => {
      log.error({ err: error }, "the alarm of a copied passkey could not be raised")
    })
  }
}
