import type { CallView as CallViewSchema, DangerCall, OnCall } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { z } from "zod"
import type { PagerCall, PagerPort } from "../../staff/pager/types.ts"
import type { CallState } from "./danger.ts"

/** Whom to telephone, and the last pager call about a case; `call` is absent if nobody was ever paged. */
export function toCallView({ onCall, call }: CallState): z.input<typeof CallViewSchema> {
  return compact({
    onCall: toOnCallView(onCall),
    call: call === undefined ? undefined : toDangerCall(call),
  })
}

/** Who is paged, and whom to telephone, as the API shows it. */
export function toOnCallView({ isSet, contact }: PagerPort["onCall"]): z.input<typeof OnCall> {
  return compact({
    pager: isSet ? "set" : "none",
    contact: contact === undefined ? undefined : { ...contact },
  })
}

/** Times are ISO 8601. `acceptedAt` is absent until a pager accepts the call, `fault` until a pager fails. */
export function toDangerCall({ state, at, tries, fault, acceptedAt }: PagerCall): z.input<typeof DangerCall> {
  return compact({
    state,
    at: at.toISOString(),
    tries,
    fault,
    acceptedAt: acceptedAt?.toISOString(),
  })
}
