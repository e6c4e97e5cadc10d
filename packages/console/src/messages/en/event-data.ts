const NAMES: Readonly<Record<string, string>> = {
  at: "at",
  about: "about",
  requestedBy: "requested by",
  approvedBy: "approved by",
  item: "item key",
  by: "by",
  dueAt: "due",
  sha256: "SHA-256",
  remoteReportId: "report number",
}

/** Words for the data of an event. */
export const eventData = {
  yes: "yes",
  no: "no",
  /** The name of a data member in words. */
  name: (name: string): string =>
    NAMES[name] ??
    name.replaceAll(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`),
} as const
