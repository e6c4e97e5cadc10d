import type { HomeView } from "@nightlight/contract/server"

type Code = NonNullable<HomeView["setup"]>["steps"][number]["code"]

/** Words of the set-up checklist. */
export const setup = {
  title: "Set-up",
  lead: (done: number, all: number) =>
    `${done} of ${all} steps are done; these are not. The list disappears once every step that this page can check is done.`,
  states: { done: "done", open: "to do", unknown: "not known" },
  columns: { step: "Step", state: "State", how: "How" },
  steps: {
    administrators: "Two administrators",
    reviewers: "A trained reviewer",
    reporters: "A reporter, and another person who approves",
    custodian: "The custodian and its keys",
    enrolled: "Two people enrolled with the custodian",
    lists: "A real hash list",
    source: "A source that pushes its findings",
    organisation: "The reporting organisation",
    pager: "A pager",
    backup: "Backups",
  } satisfies Readonly<Record<Code, string>>,
  how: {
    administrators: "The first one invites the second: Administration, People.",
    reviewers:
      "Invite somebody, have the role approved, and record the date of their training: Administration, People.",
    reporters: "Invite a reporter, and counsel or a second reporter: Administration, People.",
    custodian: "On the host: nightlight custodian init.",
    enrolled: "Each makes a key under Settings; on the host: nightlight custodian enrol.",
    lists: "On the host: nightlight lists import. Test cards alone are not enough.",
    source: "Enrol its public key: Administration, Sources.",
    organisation: "organisation in server.yaml: company and contact. Without them no report can be drafted.",
    pager: "pager in server.yaml. Without one nobody is called when a child may be in danger now.",
    backup: "On the host: nightlight backup. The server cannot see whether backups are made: check it yourself.",
  } satisfies Readonly<Record<Code, string>>,
} as const
