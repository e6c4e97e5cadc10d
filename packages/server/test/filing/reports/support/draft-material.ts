import type { DraftMaterial } from "../../../../src/filing/reports/draft/material.ts"

/** The material of a report, of a dataset unless told. */
export function draftMaterial(of: Pick<DraftMaterial, "items" | "now"> & Partial<DraftMaterial>): DraftMaterial {
  return {
    origin: "dataset",
    basis: "18-usc-2252a",
    reportAnnotations: [],
    urgency: undefined,
    reporter: {
      company: "Example Lab",
      contact: { firstName: "Trust", lastName: "Desk", email: "safety@example.org", phone: undefined },
      termsUrl: undefined,
      legalUrl: undefined,
    },
    account: undefined,
    priorReports: [],
    supplemental: false,
    ...of,
  }
}
