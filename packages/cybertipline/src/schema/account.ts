import { associatedAccountRule, disabledRule, locationRule } from "../rules/account.ts"
import { attribute, attributed, named, optional, repeated, required, requiredAttribute, sequence } from "./build.ts"
import { address, age, country, email, phone } from "./contact.ts"
import {
  boolean,
  intBetween,
  ipAddress,
  oneOf,
  pastDate,
  pastTime,
  reportNumber,
  text,
  textUpTo,
  url,
} from "./scalars.ts"
import { ASSOCIATED_ACCOUNT_TYPES, IP_EVENT_NAMES } from "./vocabulary.ts"

const eventName = oneOf("ipCaptureType", IP_EVENT_NAMES)

/** An address that an account used, and when. */
export const ipCaptureEvent = named(
  "ipCaptureEvent",
  sequence([
    required("ipAddress", ipAddress, { doc: "IPv4, IPv6 or IPv4-mapped IPv6." }),
    optional("eventName", eventName),
    optional("dateTime", pastTime),
    optional("possibleProxy", boolean),
    optional("port", intBetween("port", 1, 65_535)),
  ]),
)

/** A device that an account used, and when. */
export const deviceId = named(
  "deviceId",
  sequence([
    required("idType", textUpTo(255)),
    required("idValue", textUpTo(2083)),
    optional("eventName", eventName),
    optional("dateTime", pastTime),
  ]),
)

/** Where someone is thought to be. */
export const estimatedLocation = named(
  "estimatedLocation",
  sequence(
    [optional("city", textUpTo(255)), optional("region", textUpTo(255)), optional("countryCode", country)],
    attribute("verified", boolean),
    attribute("timestamp", pastTime),
  ),
  locationRule,
)

const disabledAttributes = [
  attribute("disabledDate", pastTime),
  attribute("userNotified", boolean),
  attribute("userNotifiedDate", pastTime),
] as const

/** Whether an account was disabled for a time. */
export const accountTemporarilyDisabled = named(
  "accountTemporarilyDisabled",
  attributed(boolean, ...disabledAttributes, attribute("reenabledDate", pastTime)),
  disabledRule,
)

/** Whether an account was disabled for good. */
export const accountPermanentlyDisabled = named(
  "accountPermanentlyDisabled",
  attributed(boolean, ...disabledAttributes),
  disabledRule,
)

/** Another account tied to the person. */
export const associatedAccount = named(
  "associatedAccount",
  sequence(
    [
      optional("platform", attributed(textUpTo(256), attribute("thirdPartyUser", boolean))),
      optional("firstName", textUpTo(256)),
      optional("middleName", textUpTo(256)),
      optional("lastName", textUpTo(256)),
      optional("approximateAge", age),
      optional("ageAssertionDiscrepancy", boolean, { since: "2026-08" }),
      optional("dateOfBirth", pastDate, { doc: "Not beside approximateAge." }),
      repeated("phone", phone),
      repeated("email", email),
      optional("allEmailsReported", boolean),
      repeated("address", address),
      optional("espService", textUpTo(256)),
      optional("espIdentifier", textUpTo(256)),
      repeated("profileUrl", url),
      optional("screenName", textUpTo(256)),
      repeated("displayName", textUpTo(255)),
      optional("profileBio", text),
      optional("groupIdentifier", textUpTo(256)),
      optional("compromisedAccount", boolean),
      optional("accountTemporarilyDisabled", accountTemporarilyDisabled),
      optional("accountPermanentlyDisabled", accountPermanentlyDisabled),
      repeated("ipCaptureEvent", ipCaptureEvent),
      repeated("deviceId", deviceId),
      repeated("priorCTReport", reportNumber),
      optional("additionalInfo", text),
    ],
    requiredAttribute("type", oneOf("associatedAccountType", ASSOCIATED_ACCOUNT_TYPES)),
  ),
  associatedAccountRule,
)
