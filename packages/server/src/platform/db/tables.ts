/**
 * Every table of the database, by the feature that owns it. A feature's `store.ts` is the only file that reads or
 * writes its tables.
 * @module
 */

import type { CaseTables, ExposureTables, OriginalTables, ReviewTables, ViewingTables } from "./tables/casework.ts"
import type {
  AutomaticTables,
  PreservationTables,
  ReferralTables,
  ReportTables,
  RequestTables,
} from "./tables/filing.ts"
import type {
  FalsePositiveTables,
  GuardTables,
  IntakeTables,
  ListTables,
  PolicyTables,
  ScanTables,
  ScreenTables,
  SourceTables,
} from "./tables/intake.ts"
import type { OperationTables, RestoreTables } from "./tables/oversight.ts"
import type { ContextKeyTables, EventTables } from "./tables/platform.ts"
import type {
  AlarmTables,
  ApprovalTables,
  KeyTables,
  PagerTables,
  PeopleTables,
  PreferenceTables,
  SignInTables,
} from "./tables/staff.ts"

/** All tables, as kysely sees them. */
export interface Tables
  extends EventTables,
    ContextKeyTables,
    CaseTables,
    ExposureTables,
    ViewingTables,
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
    FalsePositiveTables,
    ScreenTables,
    PolicyTables,
    ListTables,
    ApprovalTables,
    AutomaticTables,
    AlarmTables,
    KeyTables,
    PagerTables,
    PeopleTables,
    SignInTables {}
