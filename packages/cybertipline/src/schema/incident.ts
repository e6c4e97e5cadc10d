import { ipCaptureEvent } from "./account.ts"
import { all, attribute, choice, flags, named, optional, repeated, required, sequence } from "./build.ts"
import { address, email, phone } from "./contact.ts"
import { boolean, doubleBetween, oneOf, pastTime, text, textUpTo, url, wordsUpTo } from "./scalars.ts"
import { INCIDENT_TYPES, REPORT_ANNOTATIONS, REPORT_ANNOTATIONS_2026 } from "./vocabulary.ts"

/** Marks of a report. */
export const reportAnnotations = named(
  "reportAnnotations",
  all([...flags(REPORT_ANNOTATIONS), ...flags(REPORT_ANNOTATIONS_2026, { since: "2026-08" })]),
)

/** Kind and time of the incident. */
export const incidentSummary = sequence([
  required("incidentType", oneOf("incidentType", INCIDENT_TYPES)),
  optional("platform", textUpTo(256)),
  optional("escalateToHighPriority", wordsUpTo(3000), {
    doc: "The reason for treating the report as urgent; only where a child is at immediate risk.",
  }),
  optional("reportAnnotations", reportAnnotations),
  required("incidentDateTime", pastTime),
  optional("incidentDateTimeDescription", textUpTo(3000)),
])

const webPageIncident = sequence(
  [repeated("url", url), optional("additionalInfo", text)],
  attribute("thirdPartyHostedContent", boolean),
)

const emailIncident = sequence([
  repeated("emailAddress", email, { doc: "Each is also an address of a person of the report." }),
  optional("content", text),
  optional("additionalInfo", text),
])

const newsgroupIncident = sequence([
  optional("name", textUpTo(255)),
  repeated("emailAddress", email),
  optional("content", text),
  optional("additionalInfo", text),
])

const chatImIncident = sequence([
  optional("chatClient", textUpTo(255)),
  optional("chatRoomName", textUpTo(255)),
  optional("content", text),
  optional("additionalInfo", text),
])

const onlineGamingIncident = sequence([
  optional("gameName", textUpTo(255)),
  optional("console", textUpTo(255)),
  optional("content", text),
  optional("additionalInfo", text),
])

const cellPhoneIncident = sequence([
  optional("phoneNumber", phone),
  optional("latitude", doubleBetween("latitude", -90, 90)),
  optional("longitude", doubleBetween("longitude", -180, 180)),
  optional("additionalInfo", text),
])

const nonInternetIncident = sequence([
  optional("locationName", textUpTo(255)),
  repeated("incidentAddress", address),
  optional("additionalInfo", text),
])

const peer2peerIncident = sequence([
  optional("client", textUpTo(255)),
  repeated("ipCaptureEvent", ipCaptureEvent),
  optional("fileNames", text),
  optional("additionalInfo", text),
])

/** Where it happened: exactly one kind of place. */
export const internetDetails = choice([
  required("webPageIncident", webPageIncident),
  required("emailIncident", emailIncident),
  required("newsgroupIncident", newsgroupIncident),
  required("chatImIncident", chatImIncident),
  required("onlineGamingIncident", onlineGamingIncident),
  required("cellPhoneIncident", cellPhoneIncident),
  required("nonInternetIncident", nonInternetIncident),
  required("peer2peerIncident", peer2peerIncident),
])
