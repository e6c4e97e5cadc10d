import { reportingPersonRule } from "../rules/report.ts"
import {
  accountPermanentlyDisabled,
  accountTemporarilyDisabled,
  associatedAccount,
  deviceId,
  estimatedLocation,
  ipCaptureEvent,
} from "./account.ts"
import { attribute, attributed, optional, repeated, required, ruled, sequence } from "./build.ts"
import { contactPerson, country, person } from "./contact.ts"
import { boolean, reportNumber, text, textUpTo, url } from "./scalars.ts"

/** Who reports. */
export const reporter = ruled(
  sequence([
    required("reportingPerson", person, { doc: "At least one e-mail address." }),
    optional("contactPerson", contactPerson),
    optional("companyTemplate", text),
    optional("termsOfService", text),
    optional("legalURL", url),
  ]),
  reportingPersonRule,
)

/** Law enforcement that knows of the incident already. */
export const lawEnforcement = sequence([
  required("agencyName", textUpTo(255)),
  optional("caseNumber", textUpTo(100)),
  optional("officerContact", contactPerson),
  optional("reportedToLe", boolean),
  optional("servedLegalProcessDomestic", boolean),
  optional("servedLegalProcessInternational", attributed(boolean, attribute("fleaCountry", country))),
])

const identity = [
  optional("espIdentifier", textUpTo(255)),
  optional("espService", textUpTo(100)),
  optional("compromisedAccount", boolean),
  optional("screenName", textUpTo(256)),
  repeated("displayName", textUpTo(255)),
  repeated("profileUrl", url),
  optional("profileBio", text),
  repeated("ipCaptureEvent", ipCaptureEvent),
  repeated("deviceId", deviceId),
] as const

const accountRecord = [
  optional("accountTemporarilyDisabled", accountTemporarilyDisabled),
  optional("accountPermanentlyDisabled", accountPermanentlyDisabled),
  optional("estimatedLocation", estimatedLocation),
  optional("allEmailsReported", boolean),
] as const

/** Whom the report is about. */
export const personOrUserReported = sequence([
  optional("personOrUserReportedPerson", person),
  optional("vehicleDescription", textUpTo(300)),
  ...identity,
  optional("thirdPartyUserReported", boolean),
  repeated("priorCTReports", reportNumber),
  optional("groupIdentifier", textUpTo(255)),
  ...accountRecord,
  repeated("associatedAccount", associatedAccount),
  optional("additionalInfo", text),
])

/** For whom what was found was meant. */
export const intendedRecipient = sequence([
  optional("intendedRecipientPerson", person),
  ...identity,
  repeated("priorCTReports", reportNumber),
  optional("groupIdentifier", textUpTo(255)),
  ...accountRecord,
  repeated("additionalInfo", text, { doc: "Any number in the schema; the documentation speaks of at most one." }),
])

/** Who was harmed. */
export const victim = sequence([
  required("victimPerson", person),
  ...identity,
  optional("schoolName", textUpTo(255)),
  repeated("priorCTReports", reportNumber),
  ...accountRecord,
  repeated("associatedAccount", associatedAccount),
  optional("additionalInfo", text),
])
