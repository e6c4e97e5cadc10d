import type { DeriverOptions } from "@nightlight/decoder"
import type { CustodianConfig } from "./config.ts"

/** How evidence is decoded: isolated, unless the operator has accepted by name that it is not. */
export function isolationFor({ decoder }: Pick<CustodianConfig, "decoder">): NonNullable<DeriverOptions["isolation"]> {
  return decoder.withoutIsolation === "accept" ? "auto" : "needed"
}
