/** Words around the text of reports that are filed automatically. */
export const authorisationWords = {
  title: "Wording of such a report",
  lead: "A report has exactly these words. Braces mark the parts that differ: a number, a digest, an address, a name without spaces, a time, earlier reports. The custodian refuses anything else. It cannot check an account that was not sealed with the file, or addresses, names and times.",
  incidentType: "Kind of incident",
  platform: "Platform",
  reporter: "Who reports",
  service: "Service of the account",
  times: "Meaning of the time, one of these",
  lines: "Additional information",
  place: "For each place",
  files: "For each file",
  none: "nothing",
} as const
