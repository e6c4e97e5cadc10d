/** Names for parts of the documents, as inferred from their definitions. */
import type {
  accountPermanentlyDisabled,
  accountTemporarilyDisabled,
  associatedAccount,
  deviceId,
  estimatedLocation,
  ipCaptureEvent,
} from "./account.ts"
import type { address, contactPerson, email, person, phone } from "./contact.ts"
import type { fileAnnotations } from "./file-details.ts"
import type { incidentSummary, internetDetails, reportAnnotations } from "./incident.ts"
import type { ValueOf } from "./infer.ts"
import type { intendedRecipient, lawEnforcement, personOrUserReported, reporter, victim } from "./people.ts"
import type { FILE_RELEVANCES, INCIDENT_TYPES, INDUSTRY_CLASSIFICATIONS } from "./vocabulary.ts"

/** `<incidentSummary>`: what happened and when. */
export type IncidentSummary = ValueOf<typeof incidentSummary>
/** `<reportAnnotations>`: marks of a report. */
export type ReportAnnotations = ValueOf<typeof reportAnnotations>
/** `<internetDetails>`: where it happened, one kind of place. */
export type InternetDetails = ValueOf<typeof internetDetails>
/** `<lawEnforcement>`: who knows of it already. */
export type LawEnforcement = ValueOf<typeof lawEnforcement>
/** `<reporter>`: who reports. */
export type Reporter = ValueOf<typeof reporter>
/** `<personOrUserReported>`: whom the report is about. */
export type PersonOrUserReported = ValueOf<typeof personOrUserReported>
/** `<intendedRecipient>`: for whom it was meant. */
export type IntendedRecipient = ValueOf<typeof intendedRecipient>
/** `<victim>`: who was harmed. */
export type Victim = ValueOf<typeof victim>
/** A person, as far as known. */
export type Person = ValueOf<typeof person>
/** Someone to turn to. */
export type ContactPerson = ValueOf<typeof contactPerson>
/** An e-mail address with what is known of it. */
export type Email = ValueOf<typeof email>
/** A telephone number with what is known of it. */
export type Phone = ValueOf<typeof phone>
/** A postal address. */
export type Address = ValueOf<typeof address>
/** `<ipCaptureEvent>`: an address that was used, and when. */
export type IpCaptureEvent = ValueOf<typeof ipCaptureEvent>
/** `<deviceId>`: a device that was used, and when. */
export type DeviceId = ValueOf<typeof deviceId>
/** `<estimatedLocation>`: where someone is thought to be. */
export type EstimatedLocation = ValueOf<typeof estimatedLocation>
/** `<associatedAccount>`: another account tied to a person. */
export type AssociatedAccount = ValueOf<typeof associatedAccount>
/** `<accountTemporarilyDisabled>`. */
export type AccountTemporarilyDisabled = ValueOf<typeof accountTemporarilyDisabled>
/** `<accountPermanentlyDisabled>`. */
export type AccountPermanentlyDisabled = ValueOf<typeof accountPermanentlyDisabled>
/** `<fileAnnotations>`: marks of a file. */
export type FileAnnotations = ValueOf<typeof fileAnnotations>
/** One of {@link INCIDENT_TYPES}. */
export type IncidentType = (typeof INCIDENT_TYPES)[number]
/** Relevance of a file to its report. */
export type FileRelevance = (typeof FILE_RELEVANCES)[number]
/** The industry's classification of a file. */
export type IndustryClassification = (typeof INDUSTRY_CLASSIFICATIONS)[number]
