/**
 * Every table of the database, by the feature that owns it. A feature's `store.ts` is the only file that reads or
 * writes its tables.
 * @module
 */

import type { CaseTables } from "../../casework/cases/tables.ts"
import type { ExposureTables } from "../../casework/exposure/tables.ts"
import type { OriginalTables } from "../../casework/originals/tables.ts"
import type { ReviewTables } from "../../casework/review/tables.ts"
import type { LookTables } from "../../casework/viewings/tables.ts"
import type { ReferralTables } from "../../filing/authorities/tables.ts"
import type { AutomaticTables } from "../../filing/automatic/tables.ts"
import type { PreservationTables } from "../../filing/preservation/tables.ts"
import type { ReportTables } from "../../filing/reports/tables.ts"
import type { RequestTables } from "../../filing/requests/tables.ts"
import type { DisputeTables } from "../../intake/false-positives/tables.ts"
import type { IntakeTables } from "../../intake/findings/tables.ts"
import type { GuardTables } from "../../intake/guards/tables.ts"
import type { ListTables } from "../../intake/lists/tables.ts"
import type { PolicyTables } from "../../intake/policies/tables.ts"
import type { ScanTables } from "../../intake/scans/tables.ts"
import type { ScreenTables } from "../../intake/screen/tables.ts"
import type { SourceTables } from "../../intake/sources/tables.ts"
import type { OperationTables } from "../../oversight/operations/tables.ts"
import type { RestoreTables } from "../../oversight/restores/tables.ts"
import type { AlarmTables } from "../../staff/alarms/tables.ts"
import type { ActTables } from "../../staff/approvals/tables.ts"
import type { KeyTables } from "../../staff/keys/tables.ts"
import type { PagerTables } from "../../staff/pager/tables.ts"
import type { PeopleTables } from "../../staff/people/tables.ts"
import type { PreferenceTables } from "../../staff/preferences/tables.ts"
import type { SignInTables } from "../../staff/sign-in/tables.ts"
import type { ContextKeyTables } from "../context-keys/tables.ts"
import type { EventTables } from "../events/tables.ts"

/** All tables, as kysely sees them. */
export interface Tables
  extends EventTables,
    ContextKeyTables,
    CaseTables,
    ExposureTables,
    LookTables,
    OriginalTables,
    RestoreTables,
    ReviewTables,
    ReportTables,
    PreferenceTables,
    PreservationTables,
    RequestTables,
    ReferralTables,
    OperationTables,
    SourceTables,
    IntakeTables,
    ScanTables,
    GuardTables,
    DisputeTables,
    ScreenTables,
    PolicyTables,
    ListTables,
    ActTables,
    AutomaticTables,
    AlarmTables,
    KeyTables,
    PagerTables,
    PeopleTables,
    SignInTables {}
