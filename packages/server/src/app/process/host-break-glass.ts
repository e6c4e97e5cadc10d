import { compact, hasCode, RequestError } from "@nightlight/core"
import { z } from "zod"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { BreakGlass } from "../../staff/sign-in/break-glass/break-glass.ts"

const passphrase = z.string().min(1).max(1024)

/** Actions of the host's break-glass access. The custodian's passphrase is read from standard input alone. */
export const BreakGlassActions = [
  z.strictObject({ name: z.literal("break-glass-reset"), passphrase, person: z.string().max(80) }),
  z.strictObject({
    name: z.literal("break-glass-administrator"),
    passphrase,
    called: z.string().min(1).max(200),
    email: z.email().max(254),
  }),
  z.strictObject({ name: z.literal("break-glass-open"), passphrase, request: z.string().max(80) }),
  z.strictObject({ name: z.literal("break-glass-list") }),
] as const

/** One of {@link BreakGlassActions}. */
export type BreakGlassAction = z.infer<(typeof BreakGlassActions)[number]>

/** Dependencies of {@link performBreakGlass}. */
export interface HostBreakGlassDeps {
  readonly breakGlass: BreakGlass
  readonly custodian: Pick<CustodianClient, "unlock">
}

/**
 * Performs one break-glass action. The custodian itself checks the passphrase.
 *
 * @throws {RequestError} as {@link BreakGlass}; `passphrase_wrong`.
 */
export async function performBreakGlass(deps: HostBreakGlassDeps, action: BreakGlassAction): Promise<object> {
  const { breakGlass, custodian } = deps
  switch (action.name) {
    case "break-glass-reset":
      return toView(
        await breakGlass.request({ kind: "reset", personId: action.person }, proof(custodian, action.passphrase)),
      )
    case "break-glass-administrator": {
      const purpose = { kind: "administrator", name: action.called, email: action.email } as const
      return toView(await breakGlass.request(purpose, proof(custodian, action.passphrase)))
    }
    case "break-glass-open": {
      const { personId, url, expiresAt, code } = await breakGlass.open(
        action.request,
        proof(custodian, action.passphrase),
      )
      return { person: personId, url, code, expiresAt: expiresAt.toISOString() }
    }
    case "break-glass-list":
      return { requests: (await breakGlass.list()).map(toView) }
    default:
      return action satisfies never
  }
}

function proof(custodian: HostBreakGlassDeps["custodian"], given: string): () => Promise<void> {
  return async () => {
    try {
      await custodian.unlock(given)
    } catch (error) {
      if (!hasCode(error, "passphrase_wrong")) throw error
      throw new RequestError("passphrase_wrong", "this passphrase does not open the custodian's key")
    }
  }
}

function toView({ id, for: purpose, requestedAt, opensAt, state }: Awaited<ReturnType<BreakGlass["list"]>>[number]) {
  return compact({
    request: id,
    kind: purpose.kind,
    state,
    requestedAt: requestedAt.toISOString(),
    opensAt: opensAt.toISOString(),
    person: purpose.kind === "reset" ? purpose.personId : undefined,
  })
}
