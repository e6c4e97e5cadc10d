import type { FingerprinterOptions } from "@nightlight/screening"
import type { ServerConfig } from "../config/schema.ts"

/** Of the configuration, what decides. */
export interface IsolationTerms {
  readonly decoder: ServerConfig["decoder"]
  readonly reports: Pick<ServerConfig["reports"], "environment">
}

/** How media are decoded: in production isolated, unless the operator has accepted by name that they are not. */
export function isolationFor({ decoder, reports }: IsolationTerms): NonNullable<FingerprinterOptions["isolation"]> {
  return reports.environment === "production" && decoder.withoutIsolation === "refuse" ? "needed" : "auto"
}
