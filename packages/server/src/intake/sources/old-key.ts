/**
 * A source's key that another one took the place of, used again: somebody still has it.
 * @module
 */
import type { Alarms } from "../../staff/alarms/service.ts"
import type { LiveSource } from "./types.ts"

/** Raises the alarm. What the key signed is refused, in any case. */
export async function tellOldKey(
  alarms: Pick<Alarms, "raiseNow">,
  { id, verifier }: Pick<LiveSource, "id" | "verifier">,
): Promise<void> {
  await alarms.raiseNow({ code: "old-key-used", subject: id, data: { replacedBy: verifier.keyId, refused: true } })
}
