import { RECEIVED_STATES } from "@nightlight/contract/server"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { Measure } from "../../platform/feature.ts"
import { countReceived } from "./store.ts"

/** `nightlight_received_findings` by state. States without a finding are reported as 0. */
export function intakeMeasures({ db }: { readonly db: Kysely<Tables> }): readonly Measure[] {
  return [
    {
      name: "nightlight_received_findings",
      help: "Received findings by state.",
      labels: ["state"],
      read: async () => {
        const rows = await countReceived(db)
        return RECEIVED_STATES.map((state) => ({
          labels: { state },
          value: rows.reduce((sum, row) => sum + (row.state === state ? row.findings : 0), 0),
        }))
      },
    },
  ]
}
