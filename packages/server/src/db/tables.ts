/**
 * Every table of the database, by the feature that owns it. A feature's `store.ts` is the only file that reads or
 * writes its tables.
 * @module
 */
import type { ActTables } from "../acts/tables.ts"
import type { AlarmTables } from "../alarms/tables.ts"
import type { ReferralTables } from "../authorities/tables.ts"
import type { AutomaticTables } from "../automatic/tables.ts"
import type { CaseTables } from "../cases/tables.ts"
import type { ContextKeyTables } from "../context-keys/tables.ts"
import type { DisputeTables } from "../disputes/tables.ts"
import type { EventTables } from "../events/tables.ts"
import type { ExposureTables } from "../exposure/tables.ts"
import type { GuardTables } from "../guards/tables.ts"
import type { IntakeTables } from "../intake/tables.ts"
import type { KeyTables } from "../keys/tables.ts"
import type { ListTables } from "../lists/tables.ts"
import type { LookTables } from "../looks/tables.ts"
import type { OperationTables } from "../operations/tables.ts"
import type { OriginalTables } from "../originals/tables.ts"
import type { PagerTables } from "../pager/tables.ts"
import type { PeopleTables } from "../people/tables.ts"
import type { PolicyTables } from "../policies/tables.ts"
import type { PreferenceTables } from "../preferences/tables.ts"
import type { PreservationTables } from "../preservation/tables.ts"
import type { ReportTables } from "../reports/tables.ts"
import type { RequestTables } from "../requests/tables.ts"
import type { RestoreTables } from "../restores/tables.ts"
import type { ReviewTables } from "../review/tables.ts"
import type { ScanTables } from "../scans/tables.ts"
import type { ScreenTables } from "../screen/tables.ts"
import type { SignInTables } from "../sign-in/tables.ts"
import type { SourceTables } from "../sources/tables.ts"

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
