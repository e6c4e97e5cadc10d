import { phoneRule, verificationRule } from "../rules/contact.ts"
import { attribute, attributed, named, optional, repeated, sequence } from "./build.ts"
import { COUNTRY_CODES, US_STATES } from "./places.ts"
import { boolean, emailAddress, intBetween, oneOf, pastDate, pastTime, textLike, textUpTo } from "./scalars.ts"
import { ADDRESS_TYPES, EMAIL_TYPES, PHONE_TYPES } from "./vocabulary.ts"

/** Age in whole years, 0 to 150. */
export const age = intBetween("age", 0, 150)

/** A country code. */
export const country = oneOf("country", COUNTRY_CODES)

/** A telephone number; without its country code where `countryCallingCode` names it. */
export const phone = named(
  "phone",
  attributed(
    textUpTo(50),
    attribute("type", oneOf("phoneType", PHONE_TYPES)),
    attribute("verified", boolean),
    attribute("verificationDate", pastTime),
    attribute("countryCallingCode", textLike("phoneCountryCallingCode", "\\+[0-9]{1,3}")),
    attribute("extension", textLike("phoneExtension", "[0-9]+", 10)),
  ),
  phoneRule,
)

/** An e-mail address. */
export const email = named(
  "email",
  attributed(
    emailAddress,
    attribute("type", oneOf("emailType", EMAIL_TYPES)),
    attribute("verified", boolean),
    attribute("verificationDate", pastTime),
  ),
  verificationRule,
)

/** A postal address. */
export const address = named(
  "address",
  sequence(
    [
      optional("address", textUpTo(255)),
      optional("city", textUpTo(100)),
      optional("zipCode", textUpTo(20)),
      optional("state", oneOf("state", US_STATES)),
      optional("nonUsaState", textUpTo(100)),
      optional("country", country),
    ],
    attribute("type", oneOf("addressType", ADDRESS_TYPES)),
  ),
)

const contactMembers = [
  optional("firstName", textUpTo(100)),
  optional("lastName", textUpTo(100)),
  repeated("phone", phone),
  repeated("email", email),
  repeated("address", address),
] as const

/** Someone to turn to. */
export const contactPerson = named("contactPerson", sequence(contactMembers))

/** A person, as far as known. */
export const person = named(
  "person",
  sequence([
    ...contactMembers,
    optional("age", age),
    optional("ageAssertionDiscrepancy", boolean, { since: "2026-08" }),
    optional("dateOfBirth", pastDate),
  ]),
)
