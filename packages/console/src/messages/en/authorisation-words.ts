/** Words around what reports say that are filed without a person. */
export const authorisationWords = {
  title: "What such a report says",
  lead: "These words and no others. Braces stand for what differs: a number, a digest, an address, a name without spaces, a time, earlier reports. The custodian refuses anything else. It cannot check an account that was not sealed with the file, nor addresses, names and times.",
  incidentType: "Kind of incident",
  platform: "Platform",
  reporter: "Who reports",
  service: "Service of the account",
  times: "What the time is, one of these",
  lines: "Additional information",
  place: "Of each place",
  files: "Of each file",
  none: "nothing",
} as const
