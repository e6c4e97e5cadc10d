import { page as administration } from "../screens/administration/page.ts"
import { page as approvals } from "../screens/approvals/page.ts"
import { page as audit } from "../screens/audit/page.ts"
import { page as cases } from "../screens/cases/page.ts"
import { page as evidence } from "../screens/evidence/page.ts"
import { page as home } from "../screens/home/page.ts"
import { page as insights } from "../screens/insights/page.ts"
import { page as join } from "../screens/join/page.ts"
import { page as lists } from "../screens/lists/page.ts"
import { page as policies } from "../screens/policies/page.ts"
import { page as reports } from "../screens/reports/page.ts"
import { page as scans } from "../screens/scans/page.ts"
import { page as settings } from "../screens/settings/page.ts"
import { page as setup } from "../screens/setup/page.ts"
import { page as signIn } from "../screens/sign-in/page.ts"

/** Every page, in the order of the rail. A new page is a folder of `screens/`, and its import and entry here. */
export const pages = [
  home,
  cases,
  reports,
  evidence,
  scans,
  lists,
  policies,
  insights,
  audit,
  administration,
  approvals,
  settings,
  signIn,
  setup,
  join,
] as const
