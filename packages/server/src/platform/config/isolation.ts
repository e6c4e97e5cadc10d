import { type DecodingState, decodingState, type Isolation } from "@nightlight/core"
import type { FingerprinterOptions } from "@nightlight/screening"
import type { ServerConfig } from "./schema.ts"

/** The members of the configuration that decide. */
export interface IsolationTerms {
  readonly decoder: ServerConfig["decoder"]
  readonly reports: Pick<ServerConfig["reports"], "environment">
}

/** Whether this process may decode with this isolation of its decoders. */
export function decodingOf({ decoder, reports }: IsolationTerms, isolation: Isolation | undefined): DecodingState {
  return decodingState({
    isolation,
    withoutIsolation: decoder.withoutIsolation,
    isNeeded: reports.environment === "production",
  })
}

/** How media are decoded: in production isolated, unless the operator accepted by name that they are not. */
export function isolationFor({ decoder, reports }: IsolationTerms): NonNullable<FingerprinterOptions["isolation"]> {
  return reports.environment === "production" && decoder.withoutIsolation === "refuse" ? "needed" : "auto"
}
