/** Words of signing with a passkey or a kept key. */
export const signing = {
  title: "Sign with your passkey",
  lead: "You are about to sign this, once, and nothing else:",
  /** The browser's dialog comes from outside the page. */
  next: "Your browser asks for your fingerprint, face, PIN or security key next. Its dialog does not show what is signed: this page does.",
  do: "Sign with the passkey",
  cancel: "Do not sign",
  kinds: {
    derivative: "Looking at a small, grey, blurred copy of one item",
    original: "Looking at one whole, unaltered file",
    filing: "Filing one report",
    standing: "Letting reports be filed without a person",
    approval: "Your part of an act that takes two people",
    attestation: "Your statement that you viewed a whole file",
  } as Readonly<Record<string, string>>,
  acts: {
    "role.grant": "Giving somebody a role",
    "credentials.reset": "Resetting how somebody signs in",
    "report.by-hand": "Recording a report as filed by hand",
    "report.automate": "Letting reports be filed without a person",
    "evidence.destroy": "Destroying the evidence of a case",
    "evidence.export": "Disclosing something of a case",
    "list.false-positive": "Passing over a list's match",
    "policy.activate": "Letting a policy decide from now on",
    "policy.roll-back": "Bringing back the policy before",
  } as Readonly<Record<string, string>>,
  standingEnd: "Ending a standing authorisation",
  facts: {
    what: "What",
    act: "Act",
    subject: "About",
    caseId: "Case",
    reportId: "Report",
    environment: "Goes to",
    files: "Files",
    evidence: "Item",
    lists: "Lists",
    dailyCap: "Reports a day",
    standing: "Authorisation",
    until: "Good until",
  },
  environments: { test: "NCMEC's test host: nothing counts", production: "NCMEC: it counts" } as Readonly<
    Record<string, string>
  >,
  keptKey: "This browser's kept key signs without a gesture.",
} as const
