export {
  type ClientOptions,
  type Credentials,
  type CybertiplineClient,
  createClient,
  type FileInfoOptions,
  type FinishFacts,
} from "./client/client.ts"
export { BASE_URLS, type CybertiplineEnvironment } from "./client/hosts.ts"
export type {
  Accepted,
  Corrupt,
  Outcome,
  Rejected,
  SourceFailed,
  Unanswered,
  UnansweredReason,
  Unsent,
  UploadFacts,
  UploadOutcome,
} from "./client/outcomes.ts"
export { type ReceiptFacts, readReceipt } from "./client/receipt.ts"
export {
  classifyResponseCode,
  RESPONSE_CODES,
  type RejectionClass,
  type ResponseClass,
} from "./client/response-codes.ts"
export type { UploadSource } from "./client/upload.ts"
export { CybertiplineError, type CybertiplineErrorCode, type CybertiplineErrorOptions } from "./errors.ts"
export type { FileDetailsInput } from "./schema/file-details.ts"
export {
  type DocumentForms,
  documentForms,
  type FormAttribute,
  type FormAttributed,
  type FormMember,
  type FormRecord,
  type FormScalar,
  type FormType,
} from "./schema/form.ts"
export { COUNTRY_CODES, US_STATES } from "./schema/places.ts"
export type { ReportInput } from "./schema/report.ts"
export type {
  AccountPermanentlyDisabled,
  AccountTemporarilyDisabled,
  Address,
  AssociatedAccount,
  ContactPerson,
  DeviceId,
  Email,
  EstimatedLocation,
  FileAnnotations,
  FileRelevance,
  IncidentSummary,
  IncidentType,
  IndustryClassification,
  IntendedRecipient,
  InternetDetails,
  IpCaptureEvent,
  LawEnforcement,
  Person,
  PersonOrUserReported,
  Phone,
  ReportAnnotations,
  Reporter,
  Victim,
} from "./schema/types.ts"
export {
  ADDRESS_TYPES,
  ASSOCIATED_ACCOUNT_TYPES,
  BATCH_REASONS,
  DETAIL_TYPES,
  EMAIL_TYPES,
  FILE_ANNOTATIONS,
  FILE_RELEVANCES,
  INCIDENT_TYPES,
  INDUSTRY_CLASSIFICATIONS,
  IP_EVENT_NAMES,
  PHONE_TYPES,
  REPORT_ANNOTATIONS,
  REPORT_ANNOTATIONS_2026,
} from "./schema/vocabulary.ts"
export type { Problem, ProblemCode } from "./validate/problem.ts"
export {
  parseFileDetails,
  parseReport,
  type ValidateFileOptions,
  type ValidateOptions,
  validateFileDetails,
  validateReport,
} from "./validate/validate.ts"
export { DEFAULT_SCHEMA_VERSION, SCHEMA_VERSIONS, type SchemaVersion } from "./version.ts"
export { type CleanText, REPLACEMENT, replaceForbidden } from "./xml/characters.ts"
export { decodeXml } from "./xml/decode.ts"
export { type WriteOptions, type WrittenXml, writeFileDetails, writeReport } from "./xml/write.ts"
export { writeXsd } from "./xml/write-xsd.ts"
